import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { isGone } from '../../src/drivers/process.ts';
import { lastOf, readJournal, runsFolder } from '../../src/experiments/journal/index.ts';
import { recoverAbandoned } from '../../src/experiments/recover.ts';
import { Lab } from '../support/experiment.ts';
import { startScript } from '../support/processes.ts';
import { until } from '../support/until.ts';

const LEASE_MS = 2000;
/** A busy machine may be late by this. */
const SLACK_MS = 3000;
const SLOW = '{ proxy: web, type: latency, attributes: { latency: 400ms } }';

let lab: Lab;
let controller: ChildProcess | undefined;
const seen: JournalEvent[] = [];

beforeEach(async () => {
  lab = new Lab();
  await lab.open();
  lab.limits('', LEASE_MS);
});
afterEach(async () => {
  controller?.kill('SIGKILL');
  await lab.close();
});

function find<T extends JournalEvent['type']>(type: T): Extract<JournalEvent, { type: T }> | undefined {
  return lastOf(seen, type) as Extract<JournalEvent, { type: T }> | undefined;
}

test('a controller killed in mid-fault: traffic flows clean within the lease, and the next run ends what it left', async () => {
  const file = lab.experiment(SLOW);
  controller = startScript('test/e2e/run-controller.ts', [file, lab.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(controller.stdout!).on('line', (line) => seen.push(JSON.parse(line)));
  await until('the fault is in force', () => find('step-applied'));
  expect(await lab.flows()).toBe(false);
  controller.kill('SIGKILL');
  await once(controller, 'exit');
  const killed = performance.now();

  const runs = runsFolder(lab.folder);
  const early = await recoverAbandoned({ runsFolder: runs });
  expect(early).toMatchObject({ recovered: [], live: [{ why: expect.stringContaining('its lease lives') }] });

  await until('traffic flows clean', () => lab.flows());
  expect(performance.now() - killed).toBeLessThan(LEASE_MS + SLACK_MS);

  const { pid, startTime, control } = find('data-plane')!;
  const result = await lab.run(lab.experiment('{ proxy: web, type: latency, attributes: { latency: 1 } }'));
  expect(result, result.sentence).toMatchObject({ verdict: 'held', exit: 0 });
  expect(lab.of('note')[0]!.text).toContain('whose process is gone: inconclusive: the run was interrupted');
  // The dead run's data plane was stopped, so that this one could start its own on the same ports.
  expect(isGone({ pid: pid!, startTime: startTime!, bootId: '' })).toBe(true);
  expect(lab.of('data-plane')).toMatchObject([{ control, adopted: false }]);

  const dead = readJournal(`${runs}/${find('run-started')!.run}`);
  expect(lastOf(dead, 'rollback-proof')!.proof).toMatchObject({ proven: true, empty: true, held: 0 });
  expect(dead.at(-1)).toMatchObject({
    type: 'run-ended',
    verdict: 'inconclusive',
    exit: 5,
    interrupted: true,
  });
  expect(dead.map(({ n }) => n)).toEqual(dead.map((_, index) => index + 1));
  expect(await recoverAbandoned({ runsFolder: runs })).toEqual({ recovered: [], live: [] });
});

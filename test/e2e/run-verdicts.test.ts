import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isGone } from '../../src/drivers/process.ts';
import { readJournal } from '../../src/experiments/journal/index.ts';
import { Lab } from '../support/experiment.ts';
import { until } from '../support/until.ts';

const LATENCY = '{ proxy: web, type: latency, attributes: { latency: { from: 1ms, to: 5ms } } }';
const DOWN = '{ proxy: web, type: down }';

let lab: Lab;
beforeEach(async () => {
  lab = new Lab();
  await lab.open();
});
afterEach(() => lab.close());

function planeIsGone(): boolean {
  const { pid, startTime } = lab.of('data-plane')[0]!;
  return isGone({ pid: pid!, startTime: startTime!, bootId: '' });
}

describe('a run on real sockets', () => {
  test('holds: its journal has the whole story, its data plane is gone, and no file holds the key it used', async () => {
    const key = 'sk-marked-5f1d2c9b7a';
    lab.limits('env: [API_KEY]\n');
    const headers = '{ authorization: "Bearer ${API_KEY}", x-note: "plain" }';
    const result = await lab.run(lab.experiment(LATENCY, { headers }), { environment: { API_KEY: key } });
    expect(result.sentence).toMatch(/^held: 2 expectations of 1 probe held through 1 step/);
    expect(result).toMatchObject({ verdict: 'held', exit: 0, journalFailures: [] });
    expect(readJournal(result.folder)).toEqual(JSON.parse(JSON.stringify(byNumber(lab.events))));
    expect(lab.of('rollback-proof')[0]!.proof).toMatchObject({
      proven: true,
      empty: true,
      held: 0,
      canaries: [{ proxy: 'web', canary: 'connect', through: 'open', direct: 'open', same: true }],
    });
    expect(lab.of('step-ended')[0]!.counts[0]!.injected).toBeGreaterThan(5);
    expect(lab.of('observation').length).toBeGreaterThan(1);
    expect(planeIsGone()).toBe(true);
    const files = lab.files();
    expect(files.size).toBeGreaterThan(3);
    for (const [path, text] of files) expect(text.includes(key), path).toBe(false);
  });

  test('is aborted by a breach: everything is taken back and proven, and traffic flows', async () => {
    const running = lab.run(lab.experiment(DOWN), { keepProxy: true });
    await until('the fault acts', async () => lab.of('step-applied').length > 0 && !(await lab.flows()));
    const result = await running;
    try {
      expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
      expect(result.sentence).toMatch(
        /^aborted: read errorRate was [\d.]+% \(> 20% for 200 ms\) .* after the first fault; rolled back in .*; recovered /,
      );
      expect(lab.of('rollback-proof')[0]!.proof).toMatchObject({ proven: true, empty: true });
      expect(await lab.flows()).toBe(true);
      expect(planeIsGone()).toBe(false);
    } finally {
      process.kill(lab.of('data-plane')[0]!.pid!, 'SIGTERM');
      await until('the kept data plane has ended', planeIsGone);
    }
  });

  test('survives its data plane: a clean one takes over the same port, and that is proven', async () => {
    const running = lab.run(lab.experiment('{ proxy: web, type: latency, attributes: { latency: 1 } }'));
    await lab.inForce();
    process.kill(lab.of('data-plane')[0]!.pid!, 'SIGKILL');
    const flowing = until('traffic flows again', () => lab.flows());
    const result = await running;
    await flowing;
    expect(result.sentence).toMatch(/^aborted: .*data plane/);
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(lab.of('rollback-proof')[0]!.proof.proven).toBe(true);
    expect(await lab.flows()).toBe(false);
  });
});

function byNumber<T extends { n: number }>(events: readonly T[]): T[] {
  return [...events].sort((left, right) => left.n - right.n);
}

import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDataPlane } from '../../src/drivers/embedded/index.ts';
import { isGone } from '../../src/drivers/process.ts';
import { firstOf, lastOf, readJournal, runsFolder } from '../../src/experiments/journal/index.ts';
import type { ControlPlane } from '../../src/server/index.ts';
import { RunsElsewhere } from '../../src/server/runs/elsewhere.ts';
import { RunLauncher } from '../../src/server/runs/launcher.ts';
import { Recovery } from '../../src/server/runs/recovery.ts';
import { controlPlane } from '../support/control-plane.ts';
import { Lab } from '../support/experiment.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { JournalBuilder, plan } from '../support/journal-builder.ts';
import { finished, startScript, TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

const TOKEN = 'a-token-of-a-good-length';

const lab = new Lab();

beforeAll(async () => {
  await lab.open();
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => lab.close());

/** A journal that does not end, of a process that is gone. */
function abandon(folder: string, control: string, instance: string, host?: string): void {
  mkdirSync(folder, { recursive: true });
  const owner = { pid: 1, startTime: '1', bootId: 'long ago', ...(host === undefined ? {} : { host }) };
  const proxies = {};
  const journal = new JournalBuilder()
    .add(0, { type: 'run-started', run: folder.split('/').at(-1)!, plan: plan(), version: '0', owner })
    .add(1, { type: 'data-plane', control, instance, adopted: true, proxies });
  const lines = journal.build().map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(folder, 'journal.jsonl'), lines.join(''));
}

describe('a run that is killed in mid-step under a control plane, on a data plane with a control token', () => {
  let plane: ControlPlane;
  beforeEach(async () => {
    vi.stubEnv('FAULTLINE_CONTROL_TOKEN', TOKEN);
    plane = await controlPlane(lab.folder);
  });
  afterEach(() => plane.close());

  it('is ended: what it left is taken back and proven, and it is reported, told, and in the history', {
    timeout: 60_000,
  }, async () => {
    const ask = async <T>(path: string) => (await (await fetch(`${plane.url}${path}`)).json()) as T;
    const health = () => ask<{ degraded: string[]; running: string[] }>('/healthz');
    const { launcher } = plane.controller;
    const told: string[] = [];
    launcher.on('event', (_, event) => told.push(event.type));
    const run = await launcher.start({ experiment: 'lab', by: 'tester' });
    await until('a fault is in force', () => run.progress.phase === 'step');
    expect((await fetch(`http://127.0.0.1:${lab.controlPort}/faults`)).status).toBe(401);

    const before = readJournal(run.folder);
    process.kill(firstOf(before, 'run-started')!.owner.pid, 'SIGKILL');
    await until('it is stated', async () =>
      (await health()).degraded.some((one) => one.includes(`run ${run.id} was abandoned`)),
    );
    expect(await run.ended).toMatchObject({
      verdict: 'inconclusive',
      sentence: expect.stringContaining('interrupted'),
    });
    const journal = readJournal(run.folder);
    expect(lastOf(journal, 'rollback-proof')!.proof).toMatchObject({ proven: true, empty: true });
    expect(lastOf(journal, 'run-ended')).toMatchObject({ interrupted: true });
    expect(told.slice(-2)).toEqual(['rollback-proof', 'run-ended']);
    expect(told.filter((type) => type === 'run-started')).toHaveLength(1);
    await until('nothing is open any more', async () => {
      const { degraded, running } = await health();
      return degraded.length === 0 && running.length === 0;
    });
    expect(existsSync(join(run.folder, 'report.html'))).toBe(true);
    expect(await ask('/api/runs')).toMatchObject({ runs: [{ id: run.id, outcome: 'inconclusive' }] });
    const { pid, startTime } = lastOf(journal, 'data-plane')!;
    expect(isGone({ pid: pid!, startTime: startTime!, bootId: '' })).toBe(true);
  });
});

describe('a data plane with a control token, without that token', () => {
  const env = { PATH: process.env.PATH };
  const faultline = (...args: string[]) =>
    finished(startScript('src/cli/main.ts', args, { cwd: lab.folder, env }));

  it('is neither run against nor recovered from, and both say which variable is to be set', async () => {
    const folder = join(runsFolder(lab.folder), '20200101-000000-lab-dead');
    vi.stubEnv('FAULTLINE_CONTROL_TOKEN', TOKEN);
    mkdirSync(folder, { recursive: true });
    const { control, instance, stop } = await startDataPlane({
      control: `127.0.0.1:${lab.controlPort}`,
      ...{ proxies: [], folder, execArgv: TYPESCRIPT },
    });
    vi.unstubAllEnvs();
    try {
      const run = await faultline('run', 'experiment.yaml');
      abandon(folder, control, instance);
      const recover = await faultline('recover', '20200101-000000-lab-dead');
      for (const { code, stdout, stderr } of [run, recover]) {
        expect(code).toBe(6);
        expect(stdout + stderr).toMatch(/set FAULTLINE_CONTROL_TOKEN, or FAULTLINE_CONTROL_TOKEN_FILE/);
      }
    } finally {
      await stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('abandoned runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-abandoned-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are ended one at a time, each looked at again until its lease is over, and stated until then', async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const leased = new Set(['b']);
    const recovery = new Recovery(async (id) => {
      asked.push(id);
      if (!leased.has(id)) writeFileSync(join(folder, id, 'journal.jsonl'), '{"n":9,"type":"run-ended"}\n');
      return { exit: 0, said: [`${id}: left alone, its lease lives for another 9 s`] };
    }, clock);
    for (const id of ['a', 'b', 'c']) {
      abandon(join(folder, id), '127.0.0.1:1', 'i');
      recovery.add({ id, folder: join(folder, id), lose: () => {} });
    }
    expect(recovery.troubles).toHaveLength(3);
    await until('each was looked at', () => asked.length === 3);
    await until('one is left', () => recovery.troubles.length === 1);
    expect(recovery.troubles[0]).toBe(
      'run b was abandoned, its process is gone, and it is not ended yet: b: left alone, its lease lives for another 9 s',
    );
    clock.advance(1000);
    await until('it was looked at again', () => asked.length === 4 && clock.pending === 1);
    leased.delete('b');
    clock.advance(1000);
    expect(asked).toHaveLength(4);
    clock.advance(1000);
    await until('it is ended', () => recovery.troubles.length === 0);
    expect(asked).toEqual(['a', 'b', 'c', 'b', 'b']);
  });

  it('are found also beside a journal that cannot be read', () => {
    mkdirSync(join(runsFolder(folder), '20200101-000000-broken', 'journal.jsonl'), { recursive: true });
    abandon(join(runsFolder(folder), '20200102-000000-left'), '127.0.0.1:1', 'i');
    const launcher = new RunLauncher({ folder, cwd: folder, command: ['false'] });
    launcher.discover();
    expect(launcher.running().map(({ id }) => id)).toEqual(['20200102-000000-left']);
    launcher.close();
  });

  it('of another machine are left to it, and stated once they are silent', () => {
    const elsewhere = new RunsElsewhere();
    const far = join(folder, 'far');
    abandon(far, '127.0.0.1:1', 'i', 'another');
    const events = readJournal(far);
    const { owner } = firstOf(events, 'run-started')!;
    elsewhere.add({ run: 'far', folder: far, owner, events });
    expect(elsewhere.troubles).toEqual([]);
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(join(far, 'journal.jsonl'), old, old);
    expect(elsewhere.troubles[0]).toMatch(/^run far of host another has no end and is silent: .*recover far/);
  });
});

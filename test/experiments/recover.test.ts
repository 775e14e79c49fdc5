import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalBody } from '../../src/core/journal.ts';
import { ownIdentity } from '../../src/drivers/process.ts';
import {
  createRunFolder,
  openJournal,
  readJournal,
  runOf,
  runsFolder,
} from '../../src/experiments/journal/index.ts';
import { unfinishedRuns } from '../../src/experiments/recover/survey.ts';
import { type RecoverOptions, recoverAbandoned } from '../../src/experiments/recover.ts';
import { Harness, planOf } from './support/harness.ts';

let lab: Harness;
beforeEach(() => {
  lab = new Harness();
});
afterEach(() => lab.close());

const DEAD = { pid: 999_999_999, startTime: '1', bootId: 'before' };
const APPLIED: JournalBody[] = [
  { type: 'step-intended', step: 0, name: 'slow', epoch: 1, faults: [] },
  { type: 'step-applied', step: 0, epoch: 1 },
];

/** Leaves a journal that does not end; answers its folder. */
async function abandon(events: readonly JournalBody[] = APPLIED, owner = DEAD): Promise<string> {
  const folder = createRunFolder(runsFolder(lab.cwd), 'test', Date.UTC(2026, 0, 1));
  const journal = openJournal({ folder });
  const started = { type: 'run-started', run: runOf(folder), plan: planOf(), version: '', owner } as const;
  for (const event of [started, ...events]) await journal.append(event, { sync: false });
  await journal.close();
  return folder;
}

function recover(rest: Partial<RecoverOptions> = {}) {
  return recoverAbandoned({
    runsFolder: runsFolder(lab.cwd),
    isGone: ({ pid }) => pid === DEAD.pid,
    findPlane: async () => lab.plane.held({ owned: true }),
    canary: async ({ name }) => ({ proxy: name, canary: 'connect', ...lab.canary }),
    ...rest,
  });
}

describe('an abandoned run', () => {
  it('is ended as interrupted: emptied, proven, its data plane stopped, its journal closed', async () => {
    const folder = await abandon();
    const { recovered, live } = await recover();
    expect(live).toEqual([]);
    expect(recovered).toMatchObject([{ run: runOf(folder), folder, verdict: 'inconclusive', exit: 5 }]);
    expect(recovered[0]!.sentence).toMatch(/^inconclusive: the run was interrupted: its process is gone/);
    expect(lab.plane.calls).toEqual(['empty undefined']);
    expect(lab.plane.stops).toBe(1);
    const events = readJournal(folder);
    expect(events.slice(3).map(({ type }) => type)).toEqual([
      'rollback-started',
      'rollback-emptied',
      'rollback-proof',
      'run-ended',
    ]);
    expect(events.at(-1)).toMatchObject({ n: 7, interrupted: true });
    expect(events.map(({ mono }) => mono)).toEqual([...events.map(({ mono }) => mono)].sort((a, b) => a - b));
    expect(unfinishedRuns(runsFolder(lab.cwd))).toEqual([]);
  });

  it('leaves running a data plane that its run was told to keep', async () => {
    await abandon([
      { type: 'data-plane', control: 'c', instance: 'i1', adopted: false, kept: true, proxies: {} },
      ...APPLIED,
    ]);
    await recover();
    expect(lab.plane.stops).toBe(0);
  });

  it('has nothing left to take back when its data plane is gone as well', async () => {
    await abandon();
    const { recovered } = await recover({ findPlane: async () => undefined });
    expect(recovered).toMatchObject([{ verdict: 'inconclusive', exit: 5 }]);
  });

  it('tells what its drivers had done by the last renewal, which cannot be undone', async () => {
    const fault = { id: '1.1', driver: 'db', proxy: 'db', type: 'pg_terminate' } as const;
    const counted = { ...fault, matched: 3, injected: 2, skipped: {} };
    const intended: JournalBody = { type: 'step-intended', step: 0, name: 'slow', epoch: 1, faults: [fault] };
    const proofOf = async (events: readonly JournalBody[]) => {
      const folder = await abandon(events);
      await recover({ findPlane: async () => undefined });
      const proof = readJournal(folder).find(({ type }) => type === 'rollback-proof');
      return proof?.type === 'rollback-proof' ? proof.proof.notUndone : undefined;
    };
    expect(await proofOf([intended])).toEqual([
      'connections that pg_terminate on db ended, which nobody counted',
    ]);
    expect(await proofOf([intended, { type: 'renewed', epoch: 1, faults: [counted] }])).toEqual([
      '2 sessions were ended by pg_terminate on db',
    ]);
  });

  it('is said loudly when what it left cannot be taken back', async () => {
    await abandon();
    lab.canary = { through: 'closed', direct: 'open', same: false };
    const { recovered } = await recover();
    expect(recovered).toMatchObject([{ exit: 4 }]);
    expect(recovered[0]!.sentence).toContain('ROLLBACK NOT PROVEN');
  }, 15_000);

  it('is found behind a torn last line', async () => {
    const folder = await abandon();
    writeFileSync(join(folder, 'journal.jsonl'), '{"v":1,"n":4,"ty', { flag: 'a' });
    expect((await recover()).recovered).toHaveLength(1);
    expect(readJournal(folder).at(-1)).toMatchObject({ type: 'run-ended' });
  });

  it('that was aborted before its process died stays aborted', async () => {
    const { RULE } = await import('./support/harness.ts');
    await abandon([
      ...APPLIED,
      { type: 'breach', rule: RULE, probe: 'read', value: 0.5, baseline: 0, text: '' },
    ]);
    expect((await recover()).recovered).toMatchObject([{ verdict: 'aborted', exit: 3 }]);
  });
});

describe('another run', () => {
  it('is one whose process lives', async () => {
    const folder = await abandon(APPLIED, ownIdentity());
    expect(await recover()).toMatchObject({ recovered: [], live: [{ run: runOf(folder) }] });
    expect(lab.plane.calls).toEqual([]);
  });

  it('is one whose lease has not run out, although its process is gone', async () => {
    const run = runOf(await abandon());
    await lab.plane
      .driver()
      .apply({ run, epoch: 1, lease: 8000, seed: 1, faults: [{ proxy: 'web', type: 'latency' }] });
    const { recovered, live } = await recover();
    expect(recovered).toEqual([]);
    expect(live).toEqual([{ run, why: 'its lease lives for another 8 s' }]);
    expect(lab.plane.set).toBeDefined();
  });

  it('is one that somebody else recovers just now; who died over it is no obstacle', async () => {
    const folder = await abandon();
    const claim = join(folder, 'recovery.json');
    writeFileSync(claim, JSON.stringify(ownIdentity()));
    expect((await recover()).live).toHaveLength(1);
    writeFileSync(claim, JSON.stringify(DEAD));
    expect((await recover()).recovered).toHaveLength(1);
    expect(existsSync(claim)).toBe(false);
  });

  it('is never the caller itself', async () => {
    const folder = await abandon();
    expect(await recover({ except: runOf(folder) })).toEqual({ recovered: [], live: [] });
  });
});

describe('the survey of runs', () => {
  it('finds none where there is no folder, no journal, or only garbage', async () => {
    expect(unfinishedRuns(join(lab.cwd, 'nowhere'))).toEqual([]);
    const folder = createRunFolder(runsFolder(lab.cwd), 'empty', 0);
    expect(unfinishedRuns(runsFolder(lab.cwd))).toEqual([]);
    writeFileSync(join(folder, 'journal.jsonl'), 'garbage\n');
    expect(unfinishedRuns(runsFolder(lab.cwd))).toEqual([]);
  });

  it('leaves out runs that ended, however long their journals are', async () => {
    const long = Array.from(
      { length: 500 },
      (_, index) => ({ type: 'note', text: `${index}`.padEnd(200) }) as const,
    );
    const ended = { type: 'run-ended', verdict: 'held', exit: 0, sentence: '' } as const;
    await abandon([...long, ended]);
    await abandon(long);
    expect(unfinishedRuns(runsFolder(lab.cwd))).toHaveLength(1);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import type { GameDay } from '../../src/gameday/contract.ts';
import { openGameDay } from '../../src/gameday/log.ts';
import { startedBy } from '../../src/gameday/runs.ts';
import type { Notice } from '../../src/notify/contract.ts';
import { followRun } from '../../src/notify/follow.ts';
import { outageJournal } from '../support/outage-journal.ts';

const RUN = '20261121-093000-openai-outage-cascade-ab12';
const gameDay: GameDay = {
  name: 'day',
  title: 'A day',
  people: [{ name: 'Ada', role: 'lead' }],
  agenda: [
    {
      title: 'Item 1',
      experiment: 'openai-outage-cascade',
      gate: { kind: 'manual' },
      blind: true,
      prompt: 'What?',
      approvedBy: [],
    },
  ],
  source: { file: 'day.yaml', hash: 'h' },
};

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'faultline-veil-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** What channels are told of the run, as an item of a game day. */
async function told(journal: readonly JournalEvent[]): Promise<readonly Notice[]> {
  const log = openGameDay(gameDay, cwd);
  log.append({ type: 'go', by: 'Ada' });
  log.append({ type: 'run-started', item: 0, run: RUN });
  const folder = join(cwd, '.faultline/runs', RUN);
  mkdirSync(folder, { recursive: true });
  const lines = journal.map((event) =>
    event.type === 'run-started' ? { ...event, run: RUN, by: startedBy(log.id) } : event,
  );
  writeFileSync(join(folder, 'journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const notices: Notice[] = [];
  const notifier = {
    tell: (notice: Notice) => void notices.push(notice),
    counts: () => [],
    async close() {},
  };
  await followRun({ folder, notifier, traces: false, version: '', log: () => {} });
  return notices;
}

it('a channel is told that a blind item began, of its breach and its rollback, and only with its end what it was', async () => {
  const all = await told(outageJournal());
  const end = all.at(-1)!;
  const before = all.slice(0, -1);
  expect(before.map(({ occasion }) => occasion)).toEqual(
    expect.arrayContaining(['start', 'step', 'breach', 'rollback']),
  );
  expect(JSON.stringify(before)).not.toMatch(/openai|provider|errorRate|read-/i);
  expect(before.every(({ experiment, run }) => experiment === undefined && run === undefined)).toBe(true);
  expect(end).toMatchObject({ occasion: 'end', run: RUN, experiment: 'openai-outage-cascade' });
});

it('a blind item that was refused is at its gate again, and its end tells nothing', async () => {
  const journal = outageJournal().map((event) =>
    event.type === 'run-ended' ? { ...event, exit: 6 as const } : event,
  );
  const all = await told(journal);
  expect(all.at(-1)).toMatchObject({ headline: 'A blind item of a game day was refused' });
  expect(JSON.stringify(all)).not.toMatch(/openai/);
});

import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import {
  createRunFolder,
  JOURNAL_FILE,
  openJournal,
  readJournal,
  runId,
  runsFolder,
} from '../../src/experiments/journal/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const note = (text: string) => ({ type: 'note', text }) as const;

describe('a run folder', () => {
  it('is named by its start and its experiment, so that runs sort by time', () => {
    expect(runId('openai-outage-cascade', Date.UTC(2026, 10, 21, 9, 30, 0), 'ab12')).toBe(
      '20261121-093000-openai-outage-cascade-ab12',
    );
  });

  it('turns a name that is no path segment into one', () => {
    expect(runId('../Évil name/', 0, 'ab12')).toBe('19700101-000000-vil-name-ab12');
    expect(runId('///', 0, 'ab12')).toBe('19700101-000000-run-ab12');
  });

  it('is private to its owner, and so is the journal in it', async () => {
    const run = createRunFolder(runsFolder(folder), 'x', 0);
    const journal = openJournal({ folder: run });
    await journal.append(note('one'), { sync: true });
    await journal.close();
    expect(statSync(run).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '.faultline')).mode & 0o777).toBe(0o700);
    expect(statSync(join(run, JOURNAL_FILE)).mode & 0o777).toBe(0o600);
  });
});

describe('a journal', () => {
  it('numbers its lines and stamps them with wall and monotonic time since the run began', async () => {
    const clock = new FakeClock(Date.UTC(2026, 10, 21));
    clock.advance(5000);
    const journal = openJournal({ folder, clock });
    void journal.append(note('one'), { sync: false });
    clock.advance(250);
    await journal.append(note('two'), { sync: true });
    await journal.close();
    expect(readJournal(folder)).toEqual([
      { v: 1, n: 1, t: '2026-11-21T00:00:05.000Z', mono: 0, type: 'note', text: 'one' },
      { v: 1, n: 2, t: '2026-11-21T00:00:05.250Z', mono: 250, type: 'note', text: 'two' },
    ]);
  });

  it('writes a synced line before it answers', async () => {
    const journal = openJournal({ folder });
    await journal.append(note('act'), { sync: true });
    expect(readFileSync(join(folder, JOURNAL_FILE), 'utf8')).toContain('"text":"act"');
    await journal.close();
  });

  it('syncs what must be on the disk, and shares one write among lines that wait', async () => {
    const writes: { lines: number; sync: boolean }[] = [];
    const journal = openJournal({
      folder,
      write: async (lines, sync) => {
        writes.push({ lines: lines.trim().split('\n').length, sync });
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    void journal.append(note('one'), { sync: false });
    void journal.append(note('two'), { sync: false });
    await journal.append(note('act'), { sync: true });
    expect(writes).toEqual([
      { lines: 1, sync: false },
      { lines: 2, sync: true },
    ]);
  });

  it('rejects a synced line that cannot be written, and tells nobody of it', async () => {
    const told: JournalEvent[] = [];
    const reasons: string[] = [];
    const journal = openJournal({
      folder,
      write: () => Promise.reject(new Error('ENOSPC: no space left on device')),
      onFailure: (reason) => reasons.push(reason),
    });
    journal.subscribe((event) => told.push(event));
    await expect(journal.append(note('act'), { sync: true })).rejects.toThrow('ENOSPC');
    await expect(journal.append(note('sample'), { sync: false })).resolves.toBeUndefined();
    expect(told.map((event) => event.n)).toEqual([2]);
    expect(reasons).toEqual(['ENOSPC: no space left on device']);
    expect(journal.failures).toEqual(['ENOSPC: no space left on device']);
  });

  it('tells its listeners at once of a line that nobody waits for, even when the disk hangs', () => {
    const told: string[] = [];
    const journal = openJournal({ folder, write: () => new Promise(() => {}) });
    const end = journal.subscribe((event) => told.push(event.type));
    void journal.append({ type: 'baseline-started' }, { sync: false });
    end();
    void journal.append({ type: 'baseline-started' }, { sync: false });
    expect(told).toEqual(['baseline-started']);
  });

  it('closes in time although the disk hangs, and says so', async () => {
    const clock = new FakeClock();
    const journal = openJournal({ folder, clock, write: () => new Promise(() => {}) });
    void journal.append(note('one'), { sync: false });
    const closed = journal.close(500);
    await clock.advanceAsync(500);
    await closed;
    expect(journal.failures).toEqual(['the journal could not be written in time']);
  });

  it('goes on when a listener throws', async () => {
    const journal = openJournal({ folder });
    journal.subscribe(() => {
      throw new Error('the terminal went away');
    });
    await journal.append(note('act'), { sync: true });
    await journal.close();
    expect(readJournal(folder)).toHaveLength(1);
  });

  it('keeps NaN as null and passes each line through redaction', async () => {
    const journal = openJournal({ folder, redact: (line) => line.replaceAll('hunter2', '***') });
    await journal.append(
      {
        type: 'sample',
        sample: { probe: 'p', mono: 1, ms: Number.NaN, ok: false, reason: 'hunter2 refused' },
      },
      { sync: true },
    );
    await journal.close();
    expect(readJournal(folder)[0]).toMatchObject({ sample: { ms: null, reason: '*** refused' } });
  });
});

describe('reading a journal', () => {
  const line = (n: number, type = 'note') => JSON.stringify({ v: 1, n, t: '', mono: n, type, text: 'x' });

  it('leaves out a torn last line', () => {
    const whole = `${line(1)}\n${line(2)}\n`;
    for (const cut of [1, 10, line(3).length - 1]) {
      rmSync(join(folder, JOURNAL_FILE), { force: true });
      appendFileSync(join(folder, JOURNAL_FILE), whole + line(3).slice(0, cut));
      expect(readJournal(folder).map((event) => event.n)).toEqual([1, 2]);
    }
  });

  it('leaves out a line torn in the middle, where a later writer went on', () => {
    appendFileSync(join(folder, JOURNAL_FILE), `${line(1)}\n{"v":1,"n":2,"ty\n${line(3)}\n`);
    expect(readJournal(folder).map((event) => event.n)).toEqual([1, 3]);
  });

  it('keeps events of types it does not know', () => {
    appendFileSync(join(folder, JOURNAL_FILE), `${line(1, 'shed-load')}\n${line(2)}\n`);
    expect(readJournal(folder).map((event) => event.type)).toEqual(['shed-load', 'note']);
  });

  it('goes on after a torn line when a journal is taken up again', async () => {
    appendFileSync(join(folder, JOURNAL_FILE), `${line(1)}\n{"v":1,"n":2`);
    const journal = openJournal({ folder, last: 1 });
    await journal.append(note('interrupted'), { sync: true });
    await journal.close();
    expect(readJournal(folder).map((event) => event.n)).toEqual([1, 2]);
  });
});

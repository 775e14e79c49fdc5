import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStopFile, watchStopFile } from '../../src/safety/stop-file.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-stop-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Moves the clock on by one look after the other, each of which waits for the disk. */
async function look(clock: FakeClock, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    await until('a look is due', () => clock.pending > 0);
    await clock.advanceAsync(250);
  }
}

test('a stop file is seen at the next look, and said once', async () => {
  const clock = new FakeClock();
  const path = join(folder, 'STOP');
  const reasons: string[] = [];
  watchStopFile(path, (reason) => reasons.push(reason), clock);
  await look(clock, 3);
  await until('the last look is over', () => clock.pending > 0);
  expect(reasons).toEqual([]);
  writeFileSync(path, '');
  await look(clock, 1);
  await until('it is said', () => reasons.length > 0);
  expect(reasons).toEqual([`the stop file ${path} is there`]);
  expect(clock.pending).toBe(0);
});

test('a watch that was ended says nothing more', async () => {
  const clock = new FakeClock();
  const path = join(folder, 'STOP');
  const reasons: string[] = [];
  const end = watchStopFile(path, (reason) => reasons.push(reason), clock);
  await look(clock, 1);
  end();
  writeFileSync(path, '');
  await clock.advanceAsync(2000);
  expect(reasons).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('a path of which it cannot be told whether it is there counts as a stop', async () => {
  const path = join(folder, 'x'.repeat(5000));
  await expect(readStopFile(path)).rejects.toThrow('ENAMETOOLONG');
  const reasons: string[] = [];
  const end = watchStopFile(path, (reason) => reasons.push(reason), new FakeClock());
  await until('it is said', () => reasons.length > 0);
  expect(reasons[0]).toContain('ENAMETOOLONG');
  end();
});

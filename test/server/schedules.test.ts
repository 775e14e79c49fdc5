import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Schedule } from '../../src/schedule/contract.ts';
import { fileScheduleBook } from '../../src/schedule/file-book.ts';
import { scheduleSchema } from '../../src/schedule/schema.ts';
import { ScheduleFile } from '../../src/server/schedules/file.ts';
import { Schedules } from '../../src/server/schedules/index.ts';

let folder: string;
let played: readonly Schedule[] | undefined;
const log: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-schedules-'));
  played = undefined;
  log.length = 0;
  write('lab.yaml', 'name: lab\n');
  write('schedules.yaml', 'schedules: [{ name: weekly, cron: "0 10 * * tue", experiments: [lab] }]\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Another one stands for a restart. */
async function start(): Promise<Schedules> {
  const file = new ScheduleFile({ folder, cwd: folder }, undefined);
  file.open();
  const schedules = new Schedules({
    file,
    book: fileScheduleBook(join(folder, 'kept')),
    onChange: (all) => {
      played = all;
    },
    log: (line) => log.push(line),
  });
  await schedules.refresh();
  return schedules;
}

function entry(name: string, cron = '0 2 * * *') {
  return scheduleSchema.parse({ name, cron, experiments: ['lab'] });
}

const names = (schedules: Schedules) => schedules.all().map(({ name, paused }) => `${name} ${paused}`);

it('what was made and what was paused is kept over restarts', async () => {
  const schedules = await start();
  await schedules.put(entry('nightly'), undefined, 'ada');
  await schedules.pause('weekly', true);
  await schedules.pause('nightly', true);
  await schedules.pause('nightly', false);
  const again = await start();
  expect(names(again)).toEqual(['weekly true', 'nightly false']);
  expect(played).toMatchObject([{ name: 'weekly', paused: true }, { name: 'nightly' }]);
  await again.remove('nightly');
  expect(names(await start())).toEqual(['weekly true']);
});

it('of a name that stands in the file too, the file goes before, and that is told until the other is deleted', async () => {
  const schedules = await start();
  await schedules.put(entry('nightly'), undefined, 'ada');
  write('schedules.yaml', 'schedules: [{ name: nightly, cron: "0 4 * * *", experiments: [lab] }]\n');
  await schedules.refresh();
  expect(log).toEqual(['schedules.yaml was read again']);
  expect(schedules.all()).toMatchObject([{ name: 'nightly', cron: '0 4 * * *', source: 'file' }]);
  expect(schedules.degraded.join()).toMatch(
    /"nightly" was made over the API and stands in schedules.yaml too/,
  );
  await schedules.remove('nightly');
  expect(schedules.degraded).toEqual([]);
  await expect(schedules.remove('nightly')).rejects.toThrow(/stands in schedules.yaml: change it there/);
});

it('one that cannot be played here is left out and told; the others are played', async () => {
  const schedules = await start();
  await fileScheduleBook(join(folder, 'kept')).put('odd', { ...entry('odd'), zone: 'Mars/Base' }, 'ada');
  await schedules.put(entry('nightly'), true, 'ada');
  expect(names(schedules)).toEqual(['weekly false', 'nightly true']);
  expect(schedules.degraded.join()).toContain('schedule "odd", which was made over the API, is not played');
});

it('nothing is played while nobody can tell what is paused', async () => {
  await (await start()).put(entry('nightly'), undefined, 'ada');
  write('kept/nightly/made.json', '{ torn');
  played = undefined;
  const schedules = await start();
  expect(played).toBeUndefined();
  expect(schedules.degraded.join()).toMatch(/cannot be read \(.*\): no schedule is played until they can/);
});

it('a file that vanishes leaves what it said in force, and tells', async () => {
  const schedules = await start();
  rmSync(join(folder, 'schedules.yaml'));
  await schedules.refresh();
  await schedules.refresh();
  expect(names(schedules)).toEqual(['weekly false']);
  expect(schedules.degraded.join()).toMatch(
    /^schedules.yaml is not in force as it stands: it cannot be read \(ENOENT\)/,
  );
  expect(log.length).toBe(1);
});

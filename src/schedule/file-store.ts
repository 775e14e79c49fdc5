import { appendFile, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OccurrenceRecord, ScheduleStore } from './contract.ts';
import { foldersOf, replaceFile, textOf } from './files.ts';

/** Claims below what is settled protect nothing; so many are kept before they are cleared away. */
const MOST_CLAIMS = 200;

/**
 * Keeps schedules in a folder each: `claims/` holds a file an occurrence, made only where there is none; `history.jsonl` one record
 * a line, of which a torn last one is left out; `settled` a time; `rule` the expression and zone it was settled for.
 */
export function fileScheduleStore(folder: string): ScheduleStore {
  const of = (schedule: string, ...rest: string[]) => join(folder, schedule, ...rest);
  return {
    async claim(schedule, due) {
      await mkdir(of(schedule, 'claims'), { recursive: true });
      try {
        const file = await open(of(schedule, 'claims', fileName(due)), 'wx');
        await file.sync();
        await file.close();
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    },
    async record(entry) {
      await mkdir(of(entry.schedule), { recursive: true });
      // Begins on a line of its own, also behind one that a crash has torn.
      await appendFile(of(entry.schedule, 'history.jsonl'), `\n${JSON.stringify(entry)}\n`, { flush: true });
    },
    async history(schedule, limit) {
      const lines = (await textOf(of(schedule, 'history.jsonl'))).split('\n').filter(Boolean);
      return lines.slice(-limit).flatMap(parseLine).reverse();
    },
    async settled(schedule) {
      const at = Date.parse((await textOf(of(schedule, 'settled'))).trim());
      const rule = (await textOf(of(schedule, 'rule'))).trim();
      return Number.isNaN(at) ? undefined : { untilMs: at, rule: rule || undefined };
    },
    async settle(schedule, untilMs) {
      await replaceFile(of(schedule, 'settled'), `${new Date(untilMs).toISOString()}\n`);
      await clearClaims(of(schedule, 'claims'), untilMs);
    },
    async begin(schedule, { untilMs, rule }) {
      // A crash between the two leaves another rule than the one in force, and it begins once more.
      await replaceFile(of(schedule, 'settled'), `${new Date(untilMs).toISOString()}\n`);
      await replaceFile(of(schedule, 'rule'), `${rule}\n`);
    },
    async keepOnly(schedules) {
      const others = (await foldersOf(folder)).filter((name) => !schedules.includes(name));
      await Promise.all(others.map((name) => rm(of(name, 'settled'), { force: true })));
    },
  };
}

async function clearClaims(folder: string, untilMs: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length <= MOST_CLAIMS) return;
  const until = fileName(new Date(untilMs).toISOString());
  const old = names.filter((name) => name < until).sort();
  await Promise.all(old.slice(0, -1).map((name) => rm(join(folder, name), { force: true })));
}

function fileName(due: string): string {
  return due.replaceAll(':', '.').replaceAll(' ', '-');
}

function parseLine(line: string): OccurrenceRecord[] {
  try {
    return [JSON.parse(line) as OccurrenceRecord];
  } catch {
    return [];
  }
}

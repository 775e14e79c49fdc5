import { appendFile, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OccurrenceRecord, ScheduleStore } from './contract.ts';

/** Claims below what is settled protect nothing; so many are kept before they are cleared away. */
const MOST_CLAIMS = 200;

/**
 * Keeps schedules in a folder each: `claims/` holds a file an occurrence, made only where there is none; `history.jsonl` one record
 * a line, of which a torn last one is left out; `settled` a time.
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
      const text = await textOf(of(schedule, 'settled'));
      const at = Date.parse(text.trim());
      return Number.isNaN(at) ? undefined : at;
    },
    async settle(schedule, untilMs) {
      await mkdir(of(schedule), { recursive: true });
      const [path, next] = [of(schedule, 'settled'), of(schedule, `settled.${process.pid}`)];
      await writeFile(next, `${new Date(untilMs).toISOString()}\n`, { flush: true });
      await rename(next, path);
      await clearClaims(of(schedule, 'claims'), untilMs);
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

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScheduleBook } from './contract.ts';
import { foldersOf, replaceFile, textOf } from './files.ts';

const MADE = 'made.json';
const PAUSED = 'paused';

/** Keeps what is said over the API in the folders of the schedules: `made.json` an entry and by whom, `paused` a yes or no. */
export function fileScheduleBook(folder: string): ScheduleBook {
  const of = (schedule: string, file: string) => join(folder, schedule, file);
  return {
    async read() {
      const made = [];
      const paused = new Map<string, boolean>();
      for (const name of await foldersOf(folder)) {
        const text = await textOf(of(name, MADE));
        if (text !== '') made.push(JSON.parse(text));
        const said = (await textOf(of(name, PAUSED))).trim();
        if (said !== '') paused.set(name, said === 'yes');
      }
      return { made, paused };
    },
    put: (name, entry, by) => replaceFile(of(name, MADE), `${JSON.stringify({ entry, by }, undefined, 2)}\n`),
    async remove(name) {
      await rm(of(name, MADE), { force: true });
      await rm(of(name, PAUSED), { force: true });
    },
    pause: (name, paused) => replaceFile(of(name, PAUSED), paused ? 'yes\n' : 'no\n'),
  };
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

export const JOURNAL_FILE = 'journal.jsonl';

/** Where runs live below a working folder. */
export function runsFolder(cwd: string): string {
  return resolve(cwd, '.faultline', 'runs');
}

/** `20261121-093000-openai-outage-cascade-ab12`: sorts by its start (UTC), tells its experiment, and is taken once. */
export function runId(name: string, wall: number, suffix = randomBytes(2).toString('hex')): string {
  const [day, time] = new Date(wall).toISOString().split('T') as [string, string];
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${words || 'run'}-${suffix}`;
}

/** Makes a new run's folder, readable by its owner only, and answers its path. */
export function createRunFolder(runs: string, name: string, wall: number): string {
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  for (;;) {
    const folder = join(runs, runId(name, wall));
    try {
      mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Folders of the runs below `runs`, oldest first; one may not have recorded anything yet. None where there is no such folder. */
export function runFolders(runs: string): readonly string[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(runs, entry.name))
    .sort();
}

/** The run's id, from its folder. */
export function runOf(folder: string): string {
  return basename(folder);
}

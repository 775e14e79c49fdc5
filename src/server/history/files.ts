import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hasEnded, JOURNAL_FILE, readJournal, runFolders, runOf } from '../../experiments/journal/index.ts';
import { summarise } from '../../report/index.ts';
import type { Summary } from '../../report/summary.ts';
import { type History, type PastRun, pastRun } from './contract.ts';

/** The runs of a folder on this disk. What a journal says is read once, since a journal that has ended does not change. */
export function fileHistory(runs: string, controller: string): History {
  const known = new Map<string, PastRun>();
  const unreadable = new Set<string>();
  const past = async (folder: string): Promise<PastRun | undefined> => {
    const id = runOf(folder);
    const found = known.get(id);
    if (found) return found;
    if (unreadable.has(id)) return undefined;
    try {
      if (!hasEnded(folder)) return undefined;
      // A long journal takes a while to read, and nobody's stop may wait for all of them.
      await setImmediate();
      const row = pastRun(id, controller, summarise(readJournal(folder)));
      known.set(id, row);
      return row;
    } catch {
      // Another user's, or broken: it keeps no other run out of sight.
      unreadable.add(id);
      return undefined;
    }
  };
  return {
    async list({ experiment, before, limit }) {
      const rows: PastRun[] = [];
      for (const folder of runFolders(runs).toReversed()) {
        if (before !== undefined && runOf(folder) >= before) continue;
        const row = await past(folder);
        if (row && (experiment === undefined || row.experiment === experiment)) rows.push(row);
        if (rows.length === limit) break;
      }
      return rows;
    },
    async summary(id) {
      const folder = runFolders(runs).find((one) => runOf(one) === id);
      return folder && existsSync(join(folder, JOURNAL_FILE)) ? summarise(readJournal(folder)) : undefined;
    },
    get degraded() {
      return unreadable.size > 0
        ? `the journals of these runs cannot be read: ${[...unreadable].join(', ')}`
        : undefined;
    },
    async close() {},
  };
}

/** Runs that are over and not among `known`, for taking them into another store. */
export function endedRuns(
  runs: string,
  known: ReadonlySet<string>,
): readonly { readonly id: string; readonly summary: () => Summary }[] {
  return runFolders(runs)
    .filter((folder) => !known.has(runOf(folder)) && isOver(folder))
    .map((folder) => ({ id: runOf(folder), summary: () => summarise(readJournal(folder)) }));
}

/** One that cannot be read is not known to be. */
function isOver(folder: string): boolean {
  try {
    return hasEnded(folder);
  } catch {
    return false;
  }
}

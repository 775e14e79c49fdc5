import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Owner } from '../../core/journal.ts';
import { hasEnded, JOURNAL_FILE } from '../../experiments/journal/index.ts';
import type { UnfinishedRun } from '../../experiments/recover/survey.ts';

/** A run that goes on writes several times a second. */
const SILENT_MS = 5 * 60_000;

/** Whether it can be told here that a process is gone: another machine's pids mean nothing on this one. */
export function isOfThisHost({ host }: Owner): boolean {
  return host === undefined || host === hostname();
}

/** Unfinished runs of other machines that share the folder: theirs to watch and to end. */
export class RunsElsewhere {
  readonly #runs = new Map<string, UnfinishedRun>();

  add(run: UnfinishedRun): void {
    this.#runs.set(run.run, run);
  }

  has(id: string): boolean {
    return this.#runs.has(id);
  }

  /** Those that have long been silent, in sentences. */
  get troubles(): readonly string[] {
    return [...this.#runs.values()]
      .filter(({ folder }) => isSilent(folder) && !hasEnded(folder))
      .map(
        ({ run, owner }) =>
          `run ${run} of host ${owner.host} has no end and is silent: where that host is gone, "faultline recover ${run}" ends it`,
      );
  }
}

function isSilent(folder: string): boolean {
  const journal = statSync(join(folder, JOURNAL_FILE), { throwIfNoEntry: false });
  return journal !== undefined && Date.now() - journal.mtimeMs > SILENT_MS;
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '../../core/journal.ts';
import { recordedDataPlane } from '../../drivers/embedded/index.ts';
import { isGone } from '../../drivers/process.ts';
import { lastOf, runOf } from '../../experiments/journal/index.ts';
import type { UnfinishedRun } from '../../experiments/recover/survey.ts';

/** A data plane that a kill switch is to reach. */
export interface KnownPlane {
  readonly control: string;
  /** How it is known, in a few words. */
  readonly known: string;
  /** Its process, where it is one of this machine that lives; else whether it lives is not known. */
  readonly process?: Owner;
}

/**
 * Every data plane of this folder, each once: those that runs started and that live, whether or not their run is over, those
 * that unfinished runs found already there, and the one at `control`.
 */
export function knownPlanes(
  runs: string,
  unfinished: readonly UnfinishedRun[],
  control: string,
): readonly KnownPlane[] {
  const started = foldersOf(runs).flatMap((folder): KnownPlane[] => {
    const record = recordedDataPlane(folder);
    if (!record || isGone(record)) return [];
    return [{ control: record.control, known: `started by run ${runOf(folder)}`, process: record }];
  });
  const found = unfinished.flatMap(({ run, events }): KnownPlane[] => {
    const plane = lastOf(events, 'data-plane');
    return plane?.adopted ? [{ control: plane.control, known: `used by run ${run}` }] : [];
  });
  const planes = new Map<string, KnownPlane>();
  for (const plane of [...started, ...found, { control, known: 'the control address of this folder' }]) {
    if (!planes.has(plane.control)) planes.set(plane.control, plane);
  }
  return [...planes.values()];
}

function foldersOf(runs: string): readonly string[] {
  try {
    return readdirSync(runs).map((name) => join(runs, name));
  } catch {
    return [];
  }
}

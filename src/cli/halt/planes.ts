import type { Owner } from '../../core/journal.ts';
import { recordedDataPlane } from '../../drivers/embedded/index.ts';
import { isGone } from '../../drivers/process.ts';
import { lastOf, runFolders, runOf } from '../../experiments/journal/index.ts';
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
 * that unfinished runs use, and the one at `control`.
 * @throws the system's error where runs cannot be looked for
 */
export function knownPlanes(
  runs: string,
  unfinished: readonly UnfinishedRun[],
  control: string,
): readonly KnownPlane[] {
  const started = runFolders(runs).flatMap((folder): KnownPlane[] => {
    const record = recordedDataPlane(folder);
    if (!record || isGone(record)) return [];
    return [{ control: record.control, known: `started by run ${runOf(folder)}`, process: record }];
  });
  const found = unfinished.flatMap(({ run, events, owner }): KnownPlane[] => {
    const plane = lastOf(events, 'data-plane');
    if (!plane) return [];
    const known = { control: plane.control, known: `used by run ${run}` };
    if (plane.pid === undefined) return [known];
    const process = { pid: plane.pid, startTime: plane.startTime ?? '', bootId: owner.bootId };
    return isGone(process) ? [] : [{ ...known, process }];
  });
  const planes = new Map<string, KnownPlane>();
  for (const plane of [...started, ...found, { control, known: 'the control address of this folder' }]) {
    if (!planes.has(plane.control)) planes.set(plane.control, plane);
  }
  return [...planes.values()];
}

import { recordHalt, writeStopFile } from '../../safety/stop-file.ts';
import { findHere, type Place, stopFileHere } from './here.ts';
import type { KnownPlane } from './planes.ts';
import { haltBySignal, reachAll } from './reach.ts';
import { runsEnd } from './runs.ts';
import { attempt, conclude, say } from './words.ts';

/**
 * Puts the stop file there, halts every data plane, and waits until every run has taken its faults back.
 * @returns 0, or 4 where something could not be reached and may not be halted
 */
export async function throwSwitch(place: Place, reason: string, by: string): Promise<number> {
  const t = new Date().toISOString();
  const problems: string[] = [];
  const stopFile = stopFileHere(place);
  // The file first: it works with no data plane there, and while one does not answer.
  const written = attempt(problems, `stop file ${stopFile} cannot be written`, () =>
    writeStopFile(stopFile, { since: t, by, pid: process.pid, reason }),
  );
  if (written !== undefined) say(`stop file ${stopFile} ${written ? 'written' : 'was there already'}`);
  attempt(problems, `the halt cannot be recorded beside ${stopFile}`, () =>
    recordHalt(stopFile, { t, act: 'halted', by, pid: process.pid, reason }),
  );

  const { planes, runs } = findHere(place, problems);
  for (const one of await reachAll(planes, (driver) => driver.halt(reason, by))) {
    if ('state' in one) say(`data plane at ${one.plane.control} halted: no fault is in force`);
    else if ('unreached' in one) await pastControl(one.plane, one.unreached, problems);
    else if (place.control === undefined) say(`no data plane answers at ${one.plane.control}`);
    else if (one.plane.control === place.control) problems.push(`nothing listens at ${place.control}`);
  }
  for (const { run, text, over } of await runsEnd(runs)) {
    if (over) say(`run ${run} ${text}`);
    else problems.push(`run ${run} ${text}`);
  }
  return conclude(problems, 'NOT HALTED');
}

/** Tells a process that its control port does not let us reach; whether it heeded that is asked once more. */
async function pastControl(plane: KnownPlane, reason: string, problems: string[]): Promise<void> {
  const where = `data plane at ${plane.control} (${plane.known})`;
  if (!haltBySignal(plane)) {
    problems.push(`${where}: ${reason}`);
    return;
  }
  const [again] = await reachAll([plane], async () => {});
  const told = `${where}: ${reason}; its process ${plane.process?.pid} was told by a signal and`;
  if (again && 'state' in again && again.state.halted) say(`${told} is halted now`);
  else problems.push(`${told} has not answered`);
}

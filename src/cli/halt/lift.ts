import { recordHalt, removeStopFile } from '../../safety/stop-file.ts';
import { findHere, type Place, stopFileHere } from './here.ts';
import { reachAll } from './reach.ts';
import { attempt, conclude, say } from './words.ts';

/** Takes stop file and halts away. @returns 0, or 4 where something could not be reached and may still be halted */
export async function lift(place: Place, by: string): Promise<number> {
  const problems: string[] = [];
  const stopFile = stopFileHere(place);
  const t = new Date().toISOString();
  // Nothing is lifted that could not be recorded: it lets faults in again.
  const recorded = attempt(problems, `the lift cannot be recorded beside ${stopFile}`, () => {
    recordHalt(stopFile, { t, act: 'lifted', by, pid: process.pid });
    removeStopFile(stopFile);
    return true;
  });
  if (!recorded) return conclude(problems, 'NOT LIFTED');
  say(`stop file ${stopFile} removed`);
  const { planes } = findHere(place, problems);
  for (const one of await reachAll(planes, (driver) => driver.lift(by))) {
    if ('state' in one) say(`data plane at ${one.plane.control} takes faults again`);
    else if ('absent' in one) say(`no data plane answers at ${one.plane.control}`);
    else problems.push(`data plane at ${one.plane.control} (${one.plane.known}): ${one.unreached}`);
  }
  return conclude(problems, 'NOT LIFTED');
}

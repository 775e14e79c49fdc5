import { byWhom } from '../../core/halt.ts';
import { reasonOf } from '../../core/reason.ts';
import { EXIT } from '../../core/verdict.ts';
import { sayHalted } from '../../safety/kill-switch.ts';
import { readStopFile, sayStopFile } from '../../safety/stop-file.ts';
import { findHere, type Place, stopFileHere } from './here.ts';
import { reachAll } from './reach.ts';
import { conclude, say } from './words.ts';

/** Says what is halted, and by whom. @returns 0, or 6 while runs are refused or it cannot be told whether they are */
export async function status(place: Place): Promise<number> {
  const problems: string[] = [];
  const stopFile = stopFileHere(place);
  const { planes, runs } = findHere(place, problems);
  const file = await readStopFile(stopFile).catch((error: unknown) => {
    problems.push(`whether the stop file ${stopFile} is there cannot be told: ${reasonOf(error)}`);
    return undefined;
  });
  if (file) say(`${sayStopFile(stopFile, file)} (since ${file.since}${byWhom(file)})`);
  else if (problems.length === 0) say(`no stop file ${stopFile}`);
  let refused = file !== undefined;
  for (const one of await reachAll(planes, async () => {})) {
    if ('state' in one) {
      const { halted, faults } = one.state;
      refused ||= halted !== undefined;
      say(
        `data plane at ${one.plane.control}: ${halted ? sayHalted(halted) : `not halted, ${faults.length} faults in force`}`,
      );
    } else if ('absent' in one) say(`no data plane answers at ${one.plane.control}`);
    else problems.push(`data plane at ${one.plane.control} (${one.plane.known}): ${one.unreached}`);
  }
  for (const { run, owner } of runs) say(`run ${run} is not over (process ${owner.pid})`);
  const exit = conclude(problems, 'NOT KNOWN');
  return refused || exit !== 0 ? EXIT.refused : 0;
}

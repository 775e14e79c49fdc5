import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../../core/reason.ts';
import { formatSize } from '../../../core/units.ts';
import { runsFolder } from '../../../experiments/journal/index.ts';
import { type Check, type Finding, ok, refused, warning } from '../contract.ts';

const MIB = 1024 * 1024;
/** A journal of a long run with many probes has some ten MiB. */
const LEAST = 16 * MIB;
const COMFORTABLE = 256 * MIB;

export const disk: Check = {
  name: 'disk',
  async look({ cwd }) {
    const folders = [runsFolder(cwd), join(cwd, '.faultline'), cwd];
    const at = folders.find((folder) => existsSync(folder)) ?? cwd;
    try {
      if (!statSync(at).isDirectory())
        return [refused(`${at} is no folder`, 'Move it away: runs are kept there.')];
      accessSync(at, constants.W_OK | constants.X_OK);
    } catch (error) {
      const says = `nothing can be written to ${at}: ${reasonOf(error)}`;
      return [refused(says, 'Let the user who runs Faultline write there: runs are kept in it.')];
    }
    const { bavail, bsize } = statfsSync(at);
    return [judgeSpace(bavail * bsize, at)];
  },
};

/** Whether so many free bytes hold the journals of runs. */
export function judgeSpace(free: number, at: string): Finding {
  const says = `${formatSize(free - (free % MIB))} free at ${at}, which can be written to`;
  const remedy = 'Make room: what a journal cannot record does not happen.';
  if (free < LEAST) return refused(says, remedy);
  return free < COMFORTABLE ? warning(says, remedy) : ok(says);
}

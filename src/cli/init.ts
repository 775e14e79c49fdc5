import { writeFileSync } from 'node:fs';
import { FaultlineError } from '../core/errors.ts';
import { starterExperiment } from '../experiments/init.ts';

/** `faultline init`: never overwrites. */
export async function init(file: string): Promise<number> {
  try {
    writeFileSync(file, starterExperiment(file), { flag: 'wx' });
  } catch (error) {
    throw new FaultlineError('FILE_NOT_WRITTEN', { path: file, reason: (error as Error).message });
  }
  process.stdout.write(
    `${file} written. Change its addresses, then look at it with: faultline plan ${file}\n`,
  );
  return 0;
}

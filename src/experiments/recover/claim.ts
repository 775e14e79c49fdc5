import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '../../core/journal.ts';
import { ownIdentity } from '../../drivers/process.ts';

const CLAIM = 'recovery.json';

/**
 * Takes a run's folder for recovery, so that two processes never end the same run twice. A claim whose holder died is
 * taken over.
 */
export function claim(folder: string, isGone: (owner: Owner) => boolean): { release(): void } | undefined {
  const file = join(folder, CLAIM);
  const take = () => writeFileSync(file, JSON.stringify(ownIdentity()), { flag: 'wx', mode: 0o600 });
  try {
    take();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    try {
      if (!isGone(JSON.parse(readFileSync(file, 'utf8')) as Owner)) return undefined;
      // Only one of two that find it dead can rename it.
      const dead = `${file}.${process.pid}`;
      renameSync(file, dead);
      rmSync(dead);
      take();
    } catch {
      return undefined;
    }
  }
  return { release: () => rmSync(file, { force: true }) };
}

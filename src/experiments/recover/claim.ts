import { join } from 'node:path';
import type { Owner } from '../../core/journal.ts';
import { ownIdentity } from '../../drivers/process.ts';
import { takeClaim } from '../claim.ts';

const CLAIM = 'recovery.json';

/** Takes a run's folder for recovery, so that two processes never end the same run twice. */
export function claim(folder: string, isGone: (owner: Owner) => boolean): { release(): void } | undefined {
  const taken = takeClaim(join(folder, CLAIM), ownIdentity(), isGone);
  return 'release' in taken ? taken : undefined;
}

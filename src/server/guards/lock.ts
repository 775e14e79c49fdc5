import { isGone, ownIdentity } from '../../drivers/process.ts';
import { takeClaim } from '../../experiments/claim.ts';

const PATIENCE_MS = 2000;
const PAUSE_MS = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Does `act` while no other process does likewise with this file: what is read, changed and written again by two at once would
 * lose what one of them wrote.
 * @throws the system's error where the lock cannot be written, or an Error where another process keeps it
 */
export function locked<T>(path: string, act: () => T): T {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const taken = takeClaim(`${path}.lock`, ownIdentity(), isGone);
    if ('release' in taken) {
      try {
        return act();
      } finally {
        taken.release();
      }
    }
    if (performance.now() > deadline)
      throw new Error(`process ${taken.holder?.pid ?? 'unknown'} holds ${path}.lock`);
    Atomics.wait(sleeper, 0, 0, PAUSE_MS);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervised } from './supervised.ts';

/**
 * Starts a service again, after a pause, each time that it ends by itself. What it was before says who it is now: `pid`
 * and `lastWords` are those of the present one.
 * @param again starts the next one
 */
export function restarted(first: Supervised, pause: number, again: () => Promise<Supervised>): Supervised {
  let now = first;
  const stopped = new AbortController();

  const keep = async (): Promise<void> => {
    while (true) {
      await now.ended;
      await sleep(pause, undefined, { ref: false, signal: stopped.signal }).catch(() => {});
      await now.stop();
      if (stopped.signal.aborted) return;
      now = await again();
      // Its owner may have wanted an end while it was being started.
      if (stopped.signal.aborted) await now.stop();
    }
  };
  // Where it cannot be started again it stays away, as its users will see.
  const ended = keep().catch(() => {});

  return {
    get pid() {
      return now.pid;
    },
    ended,
    hasEnded: () => now.hasEnded(),
    lastWords: () => now.lastWords(),
    async stop() {
      stopped.abort();
      await now.stop();
      await ended;
    },
  };
}

import type { Writable } from 'node:stream';

/** How long sockets are flushed before other events have their turn. */
const TURN_MS = 10;

let waiting: Writable[] = [];
let next = 0;

/**
 * Holds what is written to `sink` until this tick is over and then sends it in one system call. Where thousands of
 * connections are let go in one tick, their sockets are flushed over several turns of the event loop: the bytes are the
 * sockets' own by then, and only the system calls wait.
 */
export function flushTogether(sink: Writable): void {
  if (sink.writableCorked > 0) return;
  sink.cork();
  if (waiting.push(sink) === 1) process.nextTick(flush);
}

function flush(): void {
  const until = performance.now() + TURN_MS;
  while (next < waiting.length) {
    waiting[next++]!.uncork();
    if (next % 16 === 0 && performance.now() > until) {
      setImmediate(flush);
      return;
    }
  }
  waiting = [];
  next = 0;
}

import type { Writable } from 'node:stream';
import { inTurnsAfterThis } from './turns.ts';

/**
 * Holds what is written to `sink` until this tick is over and then sends it in one system call. Where thousands of
 * connections are let go in one tick, their sockets are flushed over several turns of the event loop: the bytes are the
 * sockets' own by then, and only the system calls wait.
 */
export function flushTogether(sink: Writable): void {
  if (sink.writableCorked > 0) return;
  sink.cork();
  inTurnsAfterThis(() => sink.uncork());
}

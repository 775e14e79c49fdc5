import type { Clock } from '../core/clock.ts';
import type { Ending } from '../faults/contract.ts';
import type { Side } from './link-end.ts';

/** How long a reset waits for a peer that does not read the bytes before it. */
const FLUSH_MS = 5_000;
/**
 * How long a reset waits after the last byte before it. Right behind data, a reset is often taken for an end (libuv reports
 * end-of-file when a short read and a hang-up come together), and the peer's system may drop the data.
 */
const RESET_GRACE_MS = 20;

/** Closes one side by `how`, after all that was written to it has left. */
export function endSide(side: Side, how: Ending, clock: Clock): void {
  if (side.destroyed) return;
  if (side.connecting) {
    side.destroy();
    return;
  }
  // What nobody reads is read here: closing a socket with unread data sends a reset, which would overtake the FIN.
  side.resume();
  if (how === 'fin') side.destroySoon();
  else resetSide(side, clock);
}

function resetSide(side: Side, clock: Clock): void {
  const timers: (() => void)[] = [];
  side.once('close', () => {
    for (const cancel of timers) cancel();
  });
  const reset = () => void side.resetAndDestroy();
  const flushed = () => {
    if (side.bytesWritten) timers.push(clock.after(RESET_GRACE_MS, reset));
    else reset();
  };
  timers.push(clock.after(FLUSH_MS, () => side.destroy()));
  if (side.writableLength === 0) flushed();
  else if (side.writableEnded) side.once('finish', flushed);
  else side.write(Buffer.alloc(0), flushed);
}

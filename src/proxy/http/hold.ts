import type { Clock } from '../../core/clock.ts';
import type { ProxyMeter } from '../contract.ts';
import type { Released } from '../release.ts';
import { inTurns } from '../turns.ts';
import type { Gone } from './gone.ts';

export interface HoldSurroundings {
  readonly clock: Clock;
  readonly meter: ProxyMeter;
  /** Aborted when the client goes away. */
  readonly gone: Gone;
}

/** A longer timer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Resolves after `ms` (Infinity: never by itself), and at once when the fault is taken back or the client goes away. */
export function hold(
  ms: number,
  released: Released,
  { clock, meter, gone }: HoldSurroundings,
): Promise<void> {
  return new Promise((resolve) => {
    if (!(ms > 0) || released.aborted || gone.aborted) return resolve();
    const held = meter.hold();
    const cancel = ms <= LONGEST_TIMER ? clock.after(ms, done) : () => {};
    released.addEventListener('abort', done);
    gone.addEventListener('abort', done);
    function done() {
      cancel();
      released.removeEventListener('abort', done);
      gone.removeEventListener('abort', done);
      // The answer that goes on is work of its own, and on release there may be thousands.
      inTurns(() => {
        held();
        resolve();
      });
    }
  });
}

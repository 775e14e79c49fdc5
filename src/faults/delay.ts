import { formatDuration } from '../core/units.ts';

/** A delay with a spread; milliseconds. */
export interface Delay {
  readonly latency: number;
  readonly jitter: number;
}

/** Evenly between `latency - jitter` and `latency + jitter`, not below 0; `draw` is in [0, 1). */
export function delayOf({ latency, jitter }: Delay, draw: number): number {
  return Math.max(0, latency + (draw * 2 - 1) * jitter);
}

/** `250 ms`, or `250 ms ± 50 ms`. */
export function explainDelay({ latency, jitter }: Delay): string {
  return jitter > 0 ? `${formatDuration(latency)} ± ${formatDuration(jitter)}` : formatDuration(latency);
}

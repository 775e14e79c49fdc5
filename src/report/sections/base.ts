import type { RunView } from '../../lessons/view/view.ts';

/** Turns ms since the run began into the report's seconds. */
export type Seconds = (at: number) => number;

export function secondsOf(view: RunView): Seconds {
  const zero = view.firstFaultAt ?? 0;
  return (at) => round(at - zero) / 1000;
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

export function orNull(value: number): number | null {
  return Number.isFinite(value) ? round(value, 4) : null;
}

import { type Clock, sleep } from '../../core/clock.ts';
import type { ProbeSpec } from '../../core/plan.ts';
import type { Sample } from '../../core/ports.ts';
import type { HealthWatch } from '../../safety/contract.ts';

/** How often windows are looked at, ms: finer than any probe's pace that matters. */
export const LOOK_MS = 100;

/** `unjudged`: nothing is missed, but there are too few samples yet for a rate or a percentile. */
export type Steadiness = 'held' | 'unjudged' | 'missed';

export interface SteadyState {
  /** What the windows say that end at `at` and reach back no further than `since`. */
  look(since: number, at: number): Steadiness;
  close(): void;
}

/** Judges the steady state from a watch's windows. */
export function createSteadyState(watch: HealthWatch, probes: readonly ProbeSpec[]): SteadyState {
  const newest = new Map<string, Sample>();
  const close = watch.onSample((sample) => newest.set(sample.probe, sample));
  const lookAt = (probe: ProbeSpec, since: number, at: number): Steadiness => {
    const window = watch.window(probe.name, at, since);
    if (window.samples === 0 || window.missed.length > 0) return 'missed';
    if (probe.expect.every(({ measure }) => typeof window.measures[measure] === 'number')) return 'held';
    // While a rate cannot be told, the newest sample speaks: a system that fails every time is not steady.
    return newest.get(probe.name)?.ok === true ? 'unjudged' : 'missed';
  };
  return {
    close,
    look(since, at) {
      const all = probes.map((probe) => lookAt(probe, since, at));
      if (all.includes('missed')) return 'missed';
      return all.includes('unjudged') ? 'unjudged' : 'held';
    },
  };
}

export interface Wait {
  readonly reached: boolean;
  readonly waitedMs: number;
}

/**
 * Waits until all expectations have held unbroken for `forMs`, at most three times as long.
 * @param signal ends the wait early; then it is not reached
 */
export async function waitForSteadyState(
  steady: SteadyState,
  clock: Clock,
  forMs: number,
  signal: AbortSignal,
): Promise<Wait> {
  const began = clock.now();
  let heldSince: number | undefined;
  for (;;) {
    await sleep(clock, LOOK_MS, signal);
    const now = clock.now();
    const waitedMs = now - began;
    if (signal.aborted) return { reached: false, waitedMs };
    if (steady.look(began, now) === 'missed') heldSince = undefined;
    else heldSince ??= now;
    if (heldSince !== undefined && now - heldSince >= forMs) return { reached: true, waitedMs };
    if (waitedMs >= 3 * forMs) return { reached: false, waitedMs };
  }
}

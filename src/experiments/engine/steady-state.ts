import { type Clock, sleep } from '../../core/clock.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import type { ProbeSpec } from '../../core/plan.ts';
import type { HealthWatch } from '../../safety/contract.ts';

/** How often windows are looked at, ms: finer than any probe's pace that matters. */
export const LOOK_MS = 100;

/** Whether a window is evidence that all expectations of its probe hold. */
export function hasHeld(window: ProbeWindow): boolean {
  return window.judged !== false && window.samples > 0 && window.missed.length === 0;
}

export interface Wait {
  readonly reached: boolean;
  readonly waitedMs: number;
}

export interface WaitOptions {
  readonly watch: HealthWatch;
  readonly probes: readonly ProbeSpec[];
  readonly clock: Clock;
  /** How long the steady state must have held unbroken; it is waited for at most three times as long. */
  readonly forMs: number;
  /** Ends the wait early; then it is not reached. */
  readonly signal: AbortSignal;
}

/** Waits until all expectations have held unbroken for a while. */
export async function waitForSteadyState(options: WaitOptions): Promise<Wait> {
  const { watch, probes, clock, forMs, signal } = options;
  const began = clock.now();
  let heldSince: number | undefined;
  for (;;) {
    await sleep(clock, LOOK_MS, signal);
    const now = clock.now();
    const waitedMs = now - began;
    if (signal.aborted) return { reached: false, waitedMs };
    if (probes.every(({ name }) => holdsNow(watch, name, began, now))) heldSince ??= now - LOOK_MS;
    else heldSince = undefined;
    if (heldSince !== undefined && now - heldSince >= forMs) return { reached: true, waitedMs };
    if (waitedMs >= 3 * forMs) return { reached: false, waitedMs };
  }
}

/**
 * Samples from before the wait may say that a probe is well, which spares a slow probe the time to gather new ones. They
 * may not say that it is ill: those of a fault that has been taken back would linger for a whole window.
 */
export function holdsNow(watch: HealthWatch, probe: string, began: number, now: number): boolean {
  const fresh = watch.window(probe, now, began);
  if (fresh.missed.length > 0) return false;
  return hasHeld(fresh) || hasHeld(watch.window(probe, now));
}

import { type Clock, sleep } from '../core/clock.ts';
import type { ProbeWindow } from '../core/journal.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { HealthWatch } from '../safety/contract.ts';
import { hasHeld, LOOK_MS } from './engine/steady-state.ts';

export interface Recovery {
  readonly recovered: boolean;
  /** From rollback to the start of the first window in which all expectations hold; null when there was none in time. */
  readonly afterMs: number | null;
  readonly windows: readonly ProbeWindow[];
}

export interface RecoveryOptions {
  readonly watch: HealthWatch;
  readonly probes: readonly ProbeSpec[];
  readonly clock: Clock;
  /** When the faults had been taken back. */
  readonly since: number;
  readonly withinMs: number;
  /** Ends the measurement; then there is none. */
  readonly signal: AbortSignal;
}

/** Samples that a rate or a percentile takes at least. */
const SAMPLES = 20;

/**
 * Measures how long the system took to be itself again, on samples that began after the rollback only. A probe is well
 * from the start of its first window that holds, as long as none is missed later; the system is, when the last probe is.
 * A window that begins at `within` at the latest is recovery in time, so its end is waited for.
 */
export async function measureRecovery(options: RecoveryOptions): Promise<Recovery | undefined> {
  const { watch, probes, clock, since, withinMs, signal } = options;
  const longest = Math.max(
    0,
    ...probes.map(({ windowMs, everyMs, timeoutMs }) => Math.max(windowMs, SAMPLES * everyMs + timeoutMs)),
  );
  const wellFrom = new Map<string, number>();
  for (;;) {
    await sleep(clock, LOOK_MS, signal);
    if (signal.aborted) return undefined;
    const now = clock.now();
    for (const { name, windowMs } of probes) {
      const window = watch.window(name, now, since);
      if (!hasHeld(window)) wellFrom.delete(name);
      else if (!wellFrom.has(name)) wellFrom.set(name, window.from ?? Math.max(since, now - windowMs));
    }
    const windows = () => watch.windows(now, since);
    if (wellFrom.size === probes.length) {
      const afterMs = Math.max(0, ...[...wellFrom.values()].map((from) => from - since));
      return { recovered: afterMs <= withinMs, afterMs, windows: windows() };
    }
    if (now - since > withinMs + longest) return { recovered: false, afterMs: null, windows: windows() };
  }
}

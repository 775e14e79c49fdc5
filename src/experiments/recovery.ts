import { type Clock, sleep } from '../core/clock.ts';
import type { ProbeWindow } from '../core/journal.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { HealthWatch } from '../safety/contract.ts';
import { LOOK_MS, type SteadyState } from './engine/steady-state.ts';

export interface Recovery {
  readonly recovered: boolean;
  /** From rollback to the start of the first window in which all expectations hold; null when there was none in time. */
  readonly afterMs: number | null;
  readonly windows: readonly ProbeWindow[];
}

export interface RecoveryOptions {
  readonly steady: SteadyState;
  readonly watch: HealthWatch;
  readonly probes: readonly ProbeSpec[];
  readonly clock: Clock;
  /** When the faults had been taken back. */
  readonly since: number;
  readonly withinMs: number;
  /** Ends the measurement; then there is none. */
  readonly signal: AbortSignal;
}

/**
 * Measures how long the system took to be itself again. A window counts when it lies after the rollback; one that begins
 * at `within` at the latest is recovery in time, so its end is waited for.
 */
export async function measureRecovery(options: RecoveryOptions): Promise<Recovery | undefined> {
  const { steady, watch, probes, clock, since, withinMs, signal } = options;
  const longest = Math.max(0, ...probes.map((probe) => probe.windowMs));
  const shortest = Math.min(longest, ...probes.map((probe) => probe.windowMs));
  for (;;) {
    await sleep(clock, LOOK_MS, signal);
    if (signal.aborted) return undefined;
    const now = clock.now();
    const seen = steady.look(since, now);
    if (seen === 'held' || (seen === 'unjudged' && now - since >= longest)) {
      // All windows hold at once: the system is well since the youngest of them began.
      const afterMs = Math.max(0, now - shortest - since);
      return { recovered: afterMs <= withinMs, afterMs, windows: watch.windows(now, since) };
    }
    if (now - since > withinMs + longest) {
      return { recovered: false, afterMs: null, windows: watch.windows(now, since) };
    }
  }
}

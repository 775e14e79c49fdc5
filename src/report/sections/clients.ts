import { behaviourOf } from '../../lessons/view/behaviour.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { ClientRow } from '../findings.ts';
import { round } from './base.ts';

/** What clients did about failures, step by step; empty where the journal shows no clients, or nothing failed for any. */
export function clientRows(view: RunView): readonly ClientRow[] {
  return behaviourOf(view)
    .filter(({ failed, abandoned, truncated }) => failed + abandoned.count + truncated.count > 0)
    .map(({ proxy, step, stepName, calls, failed, retriesPerFailure, backoff, ...seen }) => ({
      proxy,
      step,
      stepName,
      calls,
      failed,
      retriesPerFailure: retriesPerFailure === null ? null : round(retriesPerFailure, 3),
      backoffMs: [median(backoff[0]), median(backoff[1]), median(backoff[2])],
      longestChain: seen.longestChain,
      retryAfter: seen.retryAfter,
      abandoned: seen.abandoned.count,
      abandonedAfterMs: median(seen.abandoned.age),
      truncated: seen.truncated.count,
      fallback: seen.fallback.map(({ probe, usualMs, ms }) => ({
        probe,
        usualMs: round(usualMs, 1),
        ms: round(ms, 1),
      })),
    }));
}

function median(waits: { readonly p50: number } | null): number | null {
  return waits === null ? null : round(waits.p50, 1);
}

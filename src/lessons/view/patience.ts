import { behaviourIn } from './behaviour.ts';
import type { Outage } from './outages.ts';
import { trafficDuring } from './spans.ts';
import { ticksIn } from './traffic.ts';
import type { RunView } from './view.ts';

/** Within this after connections are let go, those that their clients had left are closed. */
const CLOSING_MS = 5000;

/** What became of connections that a fault held until it was taken back. */
export interface HeldConnections {
  readonly held: number;
  /** Age of the oldest when the fault was taken back, ms. */
  readonly oldestMs: number;
  /** Those closed as soon as they were let go: their clients had given them up. */
  readonly closed: number;
  /** Calls that got through as soon as they were let go. */
  readonly flushed: number;
}

/** Undefined where nothing was held to the end, or the journal ends with it. */
export function heldConnections(view: RunView, outage: Outage): HeldConnections | undefined {
  const { proxy, span } = outage;
  const last = ticksIn(proxy.ticks, span.from, span.to).at(-1);
  if (!last || last.held.open === 0) return undefined;
  const next = view.steps.find(
    ({ from, faults }) =>
      from !== null && from >= span.to && faults.some((fault) => fault.proxy === proxy.name),
  );
  const until = Math.min(span.to + CLOSING_MS, next?.from ?? Number.POSITIVE_INFINITY);
  const after = trafficDuring(proxy, { from: span.to - 500, to: until });
  if (after.seconds < 1.5) return undefined;
  // The rollback's own canary comes and goes once.
  const canary = view.faulted && span.to >= view.faulted.to - 1000 ? 1 : 0;
  return {
    held: last.held.open,
    oldestMs: last.held.longestMs,
    closed: Math.max(0, after.closed - canary),
    flushed: Math.max(0, after.units - canary),
  };
}

/**
 * Whether calls on which the dependency failed came to an end that their callers could act upon: `ended`, `never` (they waited on,
 * or were repeated for ever), or `unknown`.
 */
export function endedOf(view: RunView, outage: Outage): 'ended' | 'never' | 'unknown' {
  const seen = behaviourIn(outage.proxy, outage.span);
  if (outage.failing === 'refused') return 'ended';
  if (outage.failing !== 'silence')
    return seen && seen.longestChain >= 20 && seen.followed >= seen.failed * 0.95 ? 'never' : 'ended';
  if (seen && seen.abandoned.count >= 3) return 'ended';
  if (outage.traffic.errors >= 3) return 'ended';
  const held = heldConnections(view, outage);
  if (!held) return 'unknown';
  const share = held.closed / held.held;
  if (held.held >= 3 && share >= 0.5) return 'ended';
  return held.held >= 3 && share <= 0.3 ? 'never' : 'unknown';
}

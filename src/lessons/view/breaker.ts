import { callRate, lateOf, type Outage } from './outages.ts';
import { endedOf } from './patience.ts';
import { trafficDuring } from './spans.ts';
import { ticksIn } from './traffic.ts';
import type { RunView } from './view.ts';

/** What became of the calls to a dependency that did nothing but fail. */
export interface CallsIntoOutage {
  readonly outage: Outage;
  /** Calls a second before the first fault, and late in the step. */
  readonly usual: number;
  readonly late: number;
  readonly lateCalls: number;
  readonly share: number;
  /** From the first fault of the step until calls stayed at a trickle, ms; undefined where they did not. */
  readonly trickleAfterMs: number | undefined;
}

/** Above it callers go on as if nothing were; below it somebody has decided to leave the dependency alone. */
export const TRICKLE = 0.25;
const LEAST_USUAL = 20;

/**
 * Outages long enough to tell what callers decided, of dependencies that were in use before, in which calls came to an end and
 * were not told when to come back.
 */
export function callsIntoOutages(view: RunView, outages: readonly Outage[]): readonly CallsIntoOutage[] {
  return outages.flatMap((outage) => {
    const span = lateOf(outage);
    const { before, failing, proxy } = outage;
    if (!span || (failing !== 'errors' && failing !== 'silence')) return [];
    if (before.units < LEAST_USUAL || before.seconds < 3) return [];
    if (endedOf(view, outage) !== 'ended' || toldToWait(outage)) return [];
    const usual = before.units / before.seconds;
    const seen = trafficDuring(proxy, span);
    if (seen.seconds < 3 || usual * seen.seconds < 10) return [];
    const late = callRate(seen);
    return [
      {
        outage,
        usual,
        late,
        lateCalls: Math.max(seen.units, seen.newConnections),
        share: late / usual,
        trickleAfterMs: late <= usual * TRICKLE ? trickleAfter(outage, usual) : undefined,
      },
    ];
  });
}

function toldToWait({ proxy, span, traffic }: Outage): boolean {
  const ticks = ticksIn(proxy.ticks, span.from, span.to);
  const clients = ticks.findLast((tick) => tick.clients)?.clients;
  if (clients && clients.failed > 0) return clients.retryAfter.told >= clients.failed * 0.5;
  const limited = ticks.reduce((sum, { status }) => {
    const counts = status['429'];
    return sum + (counts ? counts.organic + counts.injected : 0);
  }, 0);
  return limited >= traffic.errors * 0.5 && limited > 0;
}

/** The last second in which calls were more than a trickle, over three seconds at a time. */
function trickleAfter({ proxy, span }: Outage, usual: number): number {
  let last = span.from;
  for (let to = span.from + 1000; to <= span.to; to += 500) {
    const window = trafficDuring(proxy, { from: Math.max(span.from, to - 3000), to });
    if (window.seconds > 0 && callRate(window) > usual * TRICKLE) last = to;
  }
  return Math.max(0, last - span.from);
}

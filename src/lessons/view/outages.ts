import { trafficBefore, trafficDuring } from './spans.ts';
import type { StepView } from './steps.ts';
import { type Traffic, ticksIn } from './traffic.ts';
import type { FaultSpan, ProxyView, RunView } from './view.ts';

/**
 * How a dependency failed its callers in a step: `errors` where nearly every answer was one, `silence` where callers were held
 * and hardly any was answered, `refused` where no connection was left, and `partly` for less than that.
 */
export type Failing = 'errors' | 'silence' | 'refused' | 'partly';

/** A step in which a proxy had a fault. */
export interface Outage {
  readonly proxy: ProxyView;
  readonly step: StepView;
  readonly span: FaultSpan;
  /** Calls before the first fault. */
  readonly before: Traffic;
  readonly traffic: Traffic;
  readonly failing: Failing;
  /** Errors among the answers; NaN for none. */
  readonly errorShare: number;
}

/** What was under way when the fault came is answered within this. */
const SETTLING_MS = 1000;
const DEAD_SHARE = 0.9;

export function outagesOf(view: RunView): readonly Outage[] {
  return view.steps.flatMap((step) => {
    const { from } = step;
    if (from === null) return [];
    const span = { from, to: step.to ?? view.faulted?.to ?? view.endAt };
    const names = new Set(step.faults.filter(({ driver }) => driver === undefined).map(({ proxy }) => proxy));
    return view.proxies
      .filter((proxy) => names.has(proxy.name))
      .map((proxy) => outage(view, proxy, step, span));
  });
}

function outage(view: RunView, proxy: ProxyView, step: StepView, span: FaultSpan): Outage {
  const before = trafficBefore(view, proxy);
  const settled = trafficDuring(proxy, { from: span.from + SETTLING_MS, to: span.to });
  return {
    proxy,
    step,
    span,
    before,
    traffic: trafficDuring(proxy, span),
    failing: failingOf(proxy, span, settled, before),
    errorShare: settled.errors / (settled.errors + settled.ok),
  };
}

function failingOf(proxy: ProxyView, span: FaultSpan, settled: Traffic, before: Traffic): Failing {
  const answered = settled.ok + settled.errors;
  const ticks = ticksIn(proxy.ticks, span.from + SETTLING_MS, span.to);
  if (ticks.length === 0) return 'partly';
  const holding = ticks.filter(({ held }) => held.open > 0).length / ticks.length;
  const usual = (before.ok / Math.max(1, before.seconds)) * settled.seconds;
  if (holding >= 0.8 && settled.ok <= usual * 0.1) return 'silence';
  // Few are seen of a dependency that is left alone.
  if ((answered >= 5 || (answered >= 2 && settled.ok === 0)) && settled.errors / answered >= DEAD_SHARE)
    return 'errors';
  const gone = ticks.filter(({ open }) => open === 0).length / ticks.length;
  return gone >= 0.8 && settled.ok === 0 ? 'refused' : 'partly';
}

/** The part of a step in which what its callers do about it has settled; undefined where too little of it is left. */
export function lateOf({ span: { from, to } }: Outage): FaultSpan | undefined {
  const late = { from: from + Math.max(4000, (to - from) * 0.4), to };
  return late.to - late.from >= 5000 ? late : undefined;
}

/** Calls a second; where requests are left unread, connections that are made for them. */
export function callRate({ units, newConnections, seconds }: Traffic): number {
  return seconds > 0 ? Math.max(units, newConnections) / seconds : Number.NaN;
}

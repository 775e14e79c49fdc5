import { placeOf } from '../../core/fault.ts';
import type { BoundName } from '../../core/limits.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import { boundApproaches } from '../../lessons/view/bounds.ts';
import { ofType } from '../../lessons/view/clock.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { BoundRow, SafetyFacts } from '../summary.ts';
import { round } from './base.ts';

/** What bounded the run, and how far it went; null where the journal does not hold the limits. */
export function safetyOf(view: RunView): SafetyFacts | null {
  const { limits } = view;
  if (!limits) return null;
  return {
    file: limits.file ?? null,
    environment: limits.environment.name,
    approvedBy: limits.approvedBy,
    exempt: { ...limits.exempt, spared: sparedOf(view) },
    bounds: view.faulted ? [...reachRows(view, limits), ...observedRows(view)] : [],
  };
}

function reachRows(view: RunView, { reach }: NonNullable<RunView['limits']>): readonly BoundRow[] {
  const { plan, faulted } = view;
  const sets = ofType(view.events, 'step-intended').map(({ faults }) => faults);
  const renewed = ofType(view.events, 'renewed').map(({ faults }) => faults);
  const toxicity = Math.max(0, ...[...sets, ...renewed].flat().map((fault) => fault.toxicity ?? 1));
  const proxies = Math.max(0, ...sets.map((faults) => new Set(faults.map(placeOf)).size));
  const lasted = faulted ? faulted.to - faulted.from : 0;
  const latency = plan?.reach.addedLatencyMs ?? 0;
  const { connections = 0, rate = 0 } = plan?.load ?? {};
  return [
    row('reach.toxicity', toxicity, reach.toxicity, formatShare, 'highest toxicity that was in force'),
    row('reach.proxies', proxies, reach.proxies, String, 'proxies that had faults at once'),
    row('reach.addedLatency', latency, reach.addedLatencyMs, formatDuration, 'delay that the plan could add'),
    row('reach.duration', lasted, reach.durationMs, formatDuration, 'from the first fault to the empty set'),
    row('reach.connections', connections, reach.connections, String, 'connections of the load'),
    row('reach.requestsPerSecond', rate, reach.requestsPerSecond, String, 'requests a second of the load'),
  ];
}

const KEYS: Readonly<Record<BoundName, string>> = {
  retryAmplification: 'spend.retryAmplification',
  extraRequests: 'spend.extraRequests',
  connections: 'reach.connections',
  requestsPerSecond: 'reach.requestsPerSecond',
};

function observedRows(view: RunView): readonly BoundRow[] {
  return boundApproaches(view).map(({ limit, worst, bound, breached, used, sentence }) => ({
    limit: KEYS[limit],
    reached: String(worst),
    bound: String(bound),
    used: round(used, 4),
    breached,
    sentence,
  }));
}

function row(
  limit: string,
  value: number,
  bound: number,
  format: (value: number) => string,
  sentence: string,
): BoundRow {
  const used = bound > 0 ? round(Math.min(1, value / bound), 4) : 0;
  return { limit, reached: format(value), bound: format(bound), used, breached: value > bound, sentence };
}

/** Units that faults left alone because they were exempt. */
function sparedOf(view: RunView): number {
  const counts = ofType(view.events, 'step-ended').flatMap((event) => event.counts);
  return counts.reduce((sum, { skipped }) => sum + (skipped.exempt ?? 0), 0);
}

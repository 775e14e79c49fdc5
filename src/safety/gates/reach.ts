import type { Reach } from '../../core/limits.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import { type Gate, no, yes } from './gate.ts';

type Bounded = Exclude<keyof Reach, 'runs'>;

const SHOWN: Readonly<Record<Bounded, (amount: number) => string>> = {
  toxicity: (share) => `a toxicity of ${formatShare(share)}`,
  proxies: (count) => `faults on ${count} proxies at once`,
  addedLatencyMs: (ms) => `${formatDuration(ms)} of added latency`,
  durationMs: (ms) => `a duration of ${formatDuration(ms)}`,
  connections: (count) => `${count} connections of load`,
  requestsPerSecond: (count) => `${count} requests a second of load`,
};

export const reach: Gate = {
  name: 'reach within limits',
  async check({ plan, limits }) {
    const over = beyond(plan.reach, limits.reach);
    if (over.length > 0) return no(`the experiment goes beyond safety-limits.yaml: ${over.join('; ')}`);
    return yes('no step goes beyond the limits');
  },
};

export const approvals: Gate = {
  name: 'approvals',
  async check({ plan, limits, approvals }) {
    if (!limits.approvals) return yes('none is asked for');
    const over = beyond(plan.reach, limits.approvals.above);
    if (over.length === 0) return yes('none is needed for this reach');
    const people = new Set(approvals).size;
    const { by } = limits.approvals;
    if (people < by) return no(`${by} must approve, and ${people} did: ${over.join('; ')}`);
    return yes(`approved by ${[...new Set(approvals)].join(', ')}`);
  },
};

/** What lies beyond its bound. A figure that is no number cannot be told to lie within. */
function beyond(asked: Reach, bounds: Partial<Reach>): string[] {
  return (Object.keys(SHOWN) as Bounded[]).flatMap((key) => {
    const bound = bounds[key];
    if (bound === undefined || asked[key] <= bound) return [];
    return [`${SHOWN[key](asked[key])}, where ${SHOWN[key](bound)} is the most`];
  });
}

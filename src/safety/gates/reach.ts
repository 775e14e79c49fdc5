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
    const people = peopleOf(approvals);
    const named = people.length > 0 ? `approved by ${people.join(', ')}` : undefined;
    if (!limits.approvals) return yes(named ?? 'none is asked for');
    const over = beyond(plan.reach, limits.approvals.above);
    if (over.length === 0) return yes(named ?? 'none is needed for this reach');
    const { by } = limits.approvals;
    if (named !== undefined && people.length >= by) return yes(named);
    return no(`${by} must approve, and ${people.length} did: ${over.join('; ')}`);
  },
};

/** The same person is one, however the name is written: in capitals, with blanks, or twice. */
function peopleOf(approvals: readonly string[]): readonly string[] {
  const people = new Map<string, string>();
  for (const given of approvals) {
    const name = given.normalize('NFKC').trim().replace(/\s+/g, ' ');
    if (name !== '' && !people.has(name.toLowerCase())) people.set(name.toLowerCase(), name);
  }
  return [...people.values()];
}

/** What lies beyond its bound. A figure that is no number cannot be told to lie within. */
function beyond(asked: Reach, bounds: Partial<Reach>): string[] {
  return (Object.keys(SHOWN) as Bounded[]).flatMap((key) => {
    const bound = bounds[key];
    if (bound === undefined || asked[key] <= bound) return [];
    return [`${SHOWN[key](asked[key])}, where ${SHOWN[key](bound)} is the most`];
  });
}

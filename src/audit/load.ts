import { FaultlineErrors } from '../core/errors.ts';
import type { LoadSpec, LoadTraffic } from '../core/plan.ts';
import { list } from '../lessons/words.ts';
import type { LoadResult } from '../load/result/contract.ts';
import type { LoadFile } from '../load/schema.ts';
import type { CheckId } from './catalogue.ts';
import type { Flaw, Told } from './contract.ts';

/** The check that the thresholds of a profile answer. */
const ANSWERED: Readonly<Record<string, CheckId>> = {
  baseline: 'performance-under-load',
  'normal-day': 'performance-under-load',
  'peak-hours': 'performance-under-load',
  deadline: 'performance-under-load',
  agents: 'performance-under-load',
  stress: 'scalability-limits',
  spike: 'scalability-limits',
  burst: 'scalability-limits',
  'workspaces-ramp': 'scalability-limits',
  'task-creations': 'scalability-limits',
  'redis-connections': 'scalability-limits',
  soak: 'memory-leaks',
};

/** A load of a suite. */
export interface LoadOrder {
  readonly spec: LoadSpec & { readonly traffic: LoadTraffic };
  readonly metrics?: LoadFile['metrics'];
  readonly answers: readonly CheckId[];
}

/** Plays a load, and gives its result and the path of its report. Rejects where it is refused, or its target cannot be reached. */
export type PlayLoad = (
  order: LoadOrder,
  signal: AbortSignal,
) => Promise<{ readonly result: LoadResult; readonly report: string }>;

/** What a load answers where the suite does not say. */
export function answeredBy(profile: string): CheckId {
  return ANSWERED[profile] ?? 'performance-under-load';
}

/** What was met shows that the load is carried; what was missed is one flaw, with all of its figures. */
export function toldByLoad({
  profile,
  thresholds,
  breakingPoint,
  resources,
  verdict,
  sentence,
}: LoadResult): Told {
  const judged = thresholds.filter(({ unasked }) => !unasked);
  const of = (outcome: boolean) =>
    judged.filter(({ met }) => met === outcome).map(({ text, shown }) => `${text} (${shown})`);
  const [met, missed] = [of(true), of(false)];
  const breaks = breakingPoint?.firstBad
    ? [`it breaks in stage ${breakingPoint.firstBad.stage}: ${breakingPoint.firstBad.why}`]
    : [];
  return {
    shown: [...(met.length > 0 ? [`met ${list(met, met.length)}`] : []), ...breaks],
    flaws: missed.length > 0 ? [flawOf(profile, missed, resources)] : [],
    untold: [
      ...(verdict === 'inconclusive' ? [sentence] : []),
      ...(judged.length === 0 ? ['it has no threshold that could be judged'] : []),
    ],
  };
}

function flawOf(
  profile: string,
  missed: readonly string[],
  { assessed, bottleneck }: LoadResult['resources'],
): Flaw {
  const worst = assessed.find(({ resource }) => resource === bottleneck);
  const better = worst?.suggestion;
  return {
    slug: 'missed',
    severity: 'high',
    claim: `Under the load "${profile}" it misses ${list(missed)}.`,
    evidence: [...missed, ...(worst ? [`${worst.resource}: ${worst.evidence}`] : [])],
    remedy: better
      ? `${better.what}: from ${better.from} to ${better.to}; ${better.gain}.`
      : 'Find what waits longest under this load, and widen it or bound what is sent there.',
  };
}

/** Whether a load was not let to begin. */
export function wasRefused(error: unknown): boolean {
  const { code } = (error instanceof FaultlineErrors ? error.errors[0] : error) as {
    readonly code?: unknown;
  };
  return code === 'LOAD_REFUSED';
}

import { createHash } from 'node:crypto';
import type { LoadSummary } from '../../core/journal.ts';
import type { LoadSpec, LoadTraffic } from '../../core/plan.ts';
import { maskUrls } from '../../core/secrets.ts';
import { formatCount } from '../../core/units.ts';
import { EXIT } from '../../core/verdict.ts';
import { breakingPoint } from '../breaking.ts';
import { compareLoads } from '../compare.ts';
import { assessResources } from '../resources/assess.ts';
import type { ResourceSample } from '../resources/roles.ts';
import { judgeThresholds } from '../thresholds.ts';
import { type LoadResult, RESULT_VERSION } from './contract.ts';

interface JudgeOptions {
  readonly id: string;
  readonly startedAt: string;
  readonly spec: LoadSpec & { readonly traffic: LoadTraffic };
  readonly summary: LoadResult['summary'];
  readonly samples: readonly ResourceSample[];
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly earlier?: LoadResult;
  /** Why it was ended before its stages were over. */
  readonly ended?: string;
}

/** All that is to be said of a load. Pure. */
export function judgeLoad(options: JudgeOptions): LoadResult {
  const { id, startedAt, spec, summary, samples, cores, memoryBytes, earlier, ended } = options;
  const { traffic } = spec;
  const resources = assessResources({
    summary: summary.traffic,
    samples,
    ...(cores === undefined ? {} : { cores }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  const thresholds = judgeThresholds(
    traffic.thresholds,
    summary.traffic,
    resources.cacheHitRate ?? undefined,
  );
  const shape = shapeOf(traffic);
  const now = { id, shape, summary: summary.traffic };
  const comparison = earlier
    ? compareLoads(now, { id: earlier.id, shape: earlier.shape, summary: earlier.summary.traffic })
    : null;
  const all = traffic.scenarios.reduce((sum, { weight }) => sum + weight, 0);
  return {
    v: RESULT_VERSION,
    id,
    startedAt,
    profile: traffic.profile,
    target: maskUrls(spec.target),
    timeScale: traffic.timeScale,
    seed: traffic.seed,
    shape,
    stages: traffic.stages,
    scenarios: traffic.scenarios.map(({ name, weight }) => ({ name, share: weight / all })),
    summary,
    thresholds,
    breakingPoint: breakingPoint(traffic.stages, summary.traffic) ?? null,
    resources,
    comparison,
    ...verdictOf(thresholds, comparison, summary, ended),
  };
}

/** Missed outranks what could not be told: it is certain. */
function verdictOf(
  thresholds: LoadResult['thresholds'],
  comparison: LoadResult['comparison'],
  summary: LoadSummary,
  ended: string | undefined,
): Pick<LoadResult, 'verdict' | 'exit' | 'sentence'> {
  const missed = thresholds.filter(({ met }) => met === false);
  const untold = thresholds.filter(({ met, unasked }) => met === null && !unasked);
  const deviated = (sentence: string) => ({ verdict: 'deviated', exit: EXIT.deviated, sentence }) as const;
  const inconclusive = (sentence: string) =>
    ({ verdict: 'inconclusive', exit: EXIT.inconclusive, sentence }) as const;
  if (missed.length > 0) {
    const { text, shown } = missed[0]!;
    const rest = missed.length > 1 ? `, and ${formatCount(missed.length - 1, 'more threshold')}` : '';
    return deviated(`missed: ${text} (${shown})${rest}`);
  }
  if (comparison?.regression) {
    const p95 = comparison.latencies.find(({ measure }) => measure === 'p95')!;
    return deviated(`p95 is ${Math.round((p95.ratio - 1) * 100)}% worse than in ${comparison.with}`);
  }
  if (ended !== undefined) return inconclusive(`ended early: ${ended}`);
  if (summary.requests === 0) return inconclusive('no request came to an end');
  if (untold.length > 0) {
    return inconclusive(
      `${formatCount(untold.length, 'threshold')} could not be judged: ${untold[0]!.text}, ${untold[0]!.why}`,
    );
  }
  if (thresholds.length === 0) {
    return { verdict: 'held', exit: EXIT.held, sentence: 'it was sent whole; no threshold is set' };
  }
  const judged = thresholds.length - thresholds.filter(({ unasked }) => unasked).length;
  return { verdict: 'held', exit: EXIT.held, sentence: `${formatCount(judged, 'threshold')} met` };
}

function shapeOf({ stages, thinkMs, scenarios, timeoutMs }: LoadTraffic): string {
  // Headers may hold credentials, and change without a change of the load.
  const asked = scenarios.map(({ name, weight, requests }) => [
    name,
    weight,
    requests.map(({ method, path, body, command }) => [method, path, body, command]),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([stages, thinkMs, asked, timeoutMs]))
    .digest('hex')
    .slice(0, 16);
}

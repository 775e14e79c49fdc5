import { breakerOpened } from './breaker-opened.ts';
import { cacheStampede } from './cache-stampede.ts';
import { cascade } from './cascade.ts';
import { contained } from './contained.ts';
import { type Detector, type Lesson, SEVERITIES } from './contract.ts';
import { crashed } from './crashed.ts';
import { dataLost } from './data-lost.ts';
import { fallbackWorked } from './fallback-worked.ts';
import { graceful } from './graceful.ts';
import { hangingCalls } from './hanging-calls.ts';
import { leakedConnections } from './leaked-connections.ts';
import { metastable } from './metastable.ts';
import { nearLimit } from './near-limit.ts';
import { noBackoff } from './no-backoff.ts';
import { noBreaker } from './no-breaker.ts';
import { noFallback } from './no-fallback.ts';
import { noJitter } from './no-jitter.ts';
import { noTimeout } from './no-timeout.ts';
import { poolExhausted } from './pool-exhausted.ts';
import { recovery } from './recovery.ts';
import { retryAfterIgnored } from './retry-after-ignored.ts';
import { retryAfterKept } from './retry-after-kept.ts';
import { retryStorm } from './retry-storm.ts';
import { silentAlerts } from './silent-alerts.ts';
import { silentHealth } from './silent-health.ts';
import { truncatedAccepted } from './truncated-accepted.ts';
import { unboundedGrowth } from './unbounded-growth.ts';
import type { RunView } from './view/view.ts';

export { type Detector, type Lesson, SEVERITIES } from './contract.ts';

/** Every detector, in the order in which lessons of the same severity are told. */
export const LESSONS: readonly Detector[] = [
  dataLost,
  crashed,
  cascade,
  metastable,
  recovery,
  noFallback,
  noTimeout,
  hangingCalls,
  poolExhausted,
  leakedConnections,
  retryStorm,
  noBreaker,
  retryAfterIgnored,
  noBackoff,
  noJitter,
  truncatedAccepted,
  unboundedGrowth,
  cacheStampede,
  silentHealth,
  silentAlerts,
  nearLimit,
  fallbackWorked,
  breakerOpened,
  graceful,
  retryAfterKept,
  contained,
];

export interface Learned {
  /** The gravest first. */
  readonly lessons: readonly Lesson[];
  /** Asked, with enough data to tell, and nothing found. */
  readonly notFound: readonly { readonly id: string; readonly question: string }[];
  readonly notAssessed: readonly { readonly id: string; readonly question: string; readonly why: string }[];
}

/** Asks every detector what the run teaches. */
export function learn(view: RunView, detectors: readonly Detector[] = LESSONS): Learned {
  const lessons: Lesson[] = [];
  const notFound: Learned['notFound'][number][] = [];
  const notAssessed: Learned['notAssessed'][number][] = [];
  for (const { id, question, remedy, keep, detect } of detectors) {
    const found = detect(view);
    if (!found) notFound.push({ id, question });
    else if ('notAssessed' in found) notAssessed.push({ id, question, why: found.notAssessed });
    else if (found.evidence.length > 0)
      lessons.push({ id, remedy: found.severity === 'good' ? (keep ?? remedy) : remedy, ...found });
  }
  lessons.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return { lessons, notFound, notAssessed };
}

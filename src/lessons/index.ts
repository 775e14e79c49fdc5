import { cascade } from './cascade.ts';
import { contained } from './contained.ts';
import { type Detector, type Lesson, SEVERITIES } from './contract.ts';
import { dataLost } from './data-lost.ts';
import { hangingCalls } from './hanging-calls.ts';
import { nearLimit } from './near-limit.ts';
import { noFallback } from './no-fallback.ts';
import { recovery } from './recovery.ts';
import { retryStorm } from './retry-storm.ts';
import { silentHealth } from './silent-health.ts';
import { unboundedGrowth } from './unbounded-growth.ts';
import type { RunView } from './view/view.ts';

export { type Detector, type Lesson, SEVERITIES } from './contract.ts';

/** Every detector, in the order in which lessons of the same severity are told. */
export const LESSONS: readonly Detector[] = [
  dataLost,
  cascade,
  noFallback,
  recovery,
  hangingCalls,
  retryStorm,
  unboundedGrowth,
  silentHealth,
  nearLimit,
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
  for (const { id, question, detect } of detectors) {
    const found = detect(view);
    if (!found) notFound.push({ id, question });
    else if ('notAssessed' in found) notAssessed.push({ id, question, why: found.notAssessed });
    else if (found.evidence.length > 0) lessons.push({ id, ...found });
  }
  lessons.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return { lessons, notFound, notAssessed };
}

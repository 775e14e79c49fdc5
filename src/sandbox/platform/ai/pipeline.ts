import type { Config } from '../config.ts';
import { PatientAi } from '../fragile/ai.ts';
import { uncontained } from '../fragile/uncontained.ts';
import type { Metrics } from '../metrics.ts';
import type { Ai } from '../parts.ts';
import { type Alertness, withBreaker } from '../resilient/breaker.ts';
import { FallbackAi } from '../resilient/fallback.ts';
import type { Quality } from '../resilient/quality.ts';
import { RetryingAi } from '../resilient/retry.ts';
import { ReviewedAi } from '../resilient/review.ts';
import { checked } from '../resilient/stream-check.ts';
import { callWatch, type TimeLimits } from '../resilient/timeouts.ts';
import type { AiCalls } from './calls.ts';
import { type Ask, providerClient } from './client.ts';

export interface PipelineParts {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly limits?: TimeLimits;
  readonly calls: AiCalls;
  readonly quality?: Quality;
  readonly alertness?: Alertness;
}

/*
 *   task ─▶ fallback ─▶ review ─▶ retries ─▶ breaker ─▶ stream check ─▶ client with its time limits ─▶ provider
 *
 * Each is there only when its pattern is on; without any retry pattern it is asked until it answers.
 */
export function buildPipeline({ config, metrics, limits, calls, quality, alertness }: PipelineParts): Ai {
  const { patterns } = config;
  let ask: Ask = providerClient(config, {
    model: () => (quality?.has('smaller-model') ? config.smallModel : config.model),
    watch: limits && callWatch(limits.ai),
  });
  if (!patterns.has('containment')) ask = uncontained(ask);
  if (patterns.has('stream-check')) ask = checked(ask);
  if (patterns.has('breaker')) ask = withBreaker(ask, config, metrics, alertness);

  const retries = {
    backoff: patterns.has('backoff'),
    jitter: patterns.has('jitter'),
    retryAfter: patterns.has('retry-after'),
  };
  const patient = !limits && !Object.values(retries).includes(true);
  let ai: Ai = patient ? new PatientAi(ask, calls) : new RetryingAi(ask, retries, calls, limits?.patience);
  if (quality) ai = new ReviewedAi(ai, ask, () => !quality.has('no-quality-checks'), metrics);
  if (patterns.has('fallback')) ai = new FallbackAi(ai, metrics);
  return ai;
}

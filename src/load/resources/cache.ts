import { formatShare } from '../../core/units.ts';
import type { Assessed, AssessOptions } from './assess.ts';
import type { ResourceSample } from './roles.ts';
import { notAssessed, riseOf } from './series.ts';

const LEAST = 0.7;
const NEAR = 0.75;
const WANTED = 0.9;
const READS_NEEDED = 20;

export function assessCache({ samples }: AssessOptions): Assessed {
  const rate = cacheHitRateOf(samples);
  if (rate === undefined) return notAssessed('cache', 'no metrics tell its hits and misses');
  const evictions = riseOf(samples, 'cacheEvictions') ?? 0;
  const state = rate < LEAST ? 'bottleneck' : rate < NEAR ? 'near' : 'fine';
  return {
    resource: 'cache',
    state,
    evidence: `${formatShare(rate, 0)} of the reads were hits${evictions > 0 ? `, and ${evictions} keys were evicted` : ''}`,
    pressure: (1 - rate) / (1 - LEAST),
    ...(state === 'bottleneck'
      ? {
          suggestion: {
            what: evictions > 0 ? 'memory of the cache' : 'how long the cache keeps what is read again',
            from: `${formatShare(rate, 0)} hits`,
            to: `${formatShare(WANTED, 0)} hits`,
            priority: 'medium',
            effort: evictions > 0 ? 'low' : 'medium',
            gain: `reads that reach the database fall by ${formatShare(1 - (1 - WANTED) / (1 - rate), 0)}`,
          },
        }
      : {}),
  };
}

/** Hits as a share of the reads between the first sample and the last; undefined for too few. */
export function cacheHitRateOf(samples: readonly ResourceSample[]): number | undefined {
  const [hits, misses] = [riseOf(samples, 'cacheHits'), riseOf(samples, 'cacheMisses')];
  if (hits === undefined || misses === undefined || hits + misses < READS_NEEDED) return undefined;
  return hits / (hits + misses);
}

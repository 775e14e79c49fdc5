import type { TrafficSummary } from '../../core/journal.ts';
import { assessCache, cacheHitRateOf } from './cache.ts';
import { assessCpu } from './cpu.ts';
import { assessDatabase } from './database.ts';
import { assessMemory } from './memory.ts';
import type { ResourceSample } from './roles.ts';

/** What to change, and what it should bring. */
export interface Suggestion {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly priority: 'high' | 'medium';
  readonly effort: 'low' | 'medium' | 'high';
  /** By which reckoning, too. */
  readonly gain: string;
}

/** What the load did to one resource. */
export interface Assessed {
  readonly resource: 'CPU' | 'memory' | 'database connections' | 'cache';
  readonly state: 'bottleneck' | 'near' | 'fine' | 'not assessed';
  /** What was seen, or why nothing can be said; a sentence without a full stop. */
  readonly evidence: string;
  /** How far it is used up: 1 at the point where it counts as a bottleneck. */
  readonly pressure: number;
  readonly suggestion?: Suggestion;
}

export interface AssessOptions {
  readonly summary: TrafficSummary;
  readonly samples: readonly ResourceSample[];
  /** Cores that the target may use, where its metrics do not tell. */
  readonly cores?: number;
  /** Memory that it may use, bytes, where its metrics do not tell. */
  readonly memoryBytes?: number;
}

export interface Resources {
  readonly assessed: readonly Assessed[];
  /** The most used up of those that are a bottleneck. */
  readonly bottleneck: Assessed['resource'] | null;
  readonly cacheHitRate: number | null;
}

/** Which resource of the target holds it back, as far as its metrics tell. Pure. */
export function assessResources(options: AssessOptions): Resources {
  const assessed = [assessCpu, assessMemory, assessDatabase, assessCache].map((assess) => assess(options));
  const [worst] = assessed
    .filter(({ state }) => state === 'bottleneck')
    .sort((left, right) => right.pressure - left.pressure);
  return {
    assessed,
    bottleneck: worst?.resource ?? null,
    cacheHitRate: cacheHitRateOf(options.samples) ?? null,
  };
}

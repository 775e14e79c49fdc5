import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { PATTERN_NAMES, type PatternName } from './patterns.ts';

const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What `/metrics` shows. */
export function createMetrics(patterns: ReadonlySet<PatternName> = new Set()) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const on = new Gauge({
    name: 'resilience_pattern',
    help: '1 for each pattern that is on, 0 for each that is off',
    labelNames: ['pattern'],
    registers,
  });
  const consolidations = counter('consolidations_total', 'Cycles of memory consolidation');
  const correlations = counter('consolidation_correlations_total', 'Pairs of memories compared');
  const consolidationSeconds = counter('consolidation_seconds_total', 'Time that cycles took');
  for (const pattern of PATTERN_NAMES) on.set({ pattern }, patterns.has(pattern) ? 1 : 0);
  return {
    registry,
    counter,
    labelled: <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Counter<Label>({ name, help, labelNames, registers }),
    tasksCreated: counter('tasks_created_total', 'Tasks written to the database'),
    tasksCompleted: counter('tasks_completed_total', 'Tasks whose deliverable is stored'),
    tasksFailed: counter('tasks_failed_total', 'Tasks given up'),
    tasksLost: counter('tasks_lost_total', 'Tasks dropped without a result'),
    cacheHits: counter('cache_hits_total', 'Workspace reads served from the cache'),
    cacheMisses: counter('cache_misses_total', 'Workspace reads that had to ask the database'),
    cacheReloads: counter('cache_reloads_total', 'Workspaces loaded into the cache'),
    cacheStampede: counter(
      'cache_stampede_reloads_total',
      'Reloads begun while the same workspace was being loaded already',
    ),
    aiErrors: new Counter({
      name: 'ai_errors_total',
      help: 'Failed AI calls',
      labelNames: ['status'],
      registers,
    }),
    aiSeconds: new Histogram({
      name: 'ai_call_duration_seconds',
      help: 'Time of an AI call, its retries included',
      buckets: seconds,
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer a request',
      labelNames: ['route', 'status'],
      buckets: seconds,
      registers,
    }),
    /** One cycle of memory consolidation. */
    consolidation(pairs: number, took: number): void {
      consolidations.inc();
      correlations.inc(pairs);
      consolidationSeconds.inc(took);
    },
    /** A value read at the moment of asking. */
    watch(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Alertness } from './resilient/breaker.ts';
import { PredictiveManager, type Preparation } from './resilient/prediction.ts';
import { tierOf } from './resilient/priority.ts';
import type { Quality } from './resilient/quality.ts';
import { LoadShedder } from './resilient/shedding.ts';
import type { Stores } from './stores.ts';

/** Delay of the event loop at which the process counts as fully used, in ms. */
const FULL_DELAY = 500;
/** Connections that are opened ahead of a rush, as a share of the pool. */
const OPENED_AHEAD = 0.5;
const SCALE_ABOVE = 0.8;
/** Pressure that quality is adjusted to ahead of a rush: a shallower consolidation and a smaller model. */
const ADJUSTED_TO = 0.65;
const REFUSED = new Set(['/workspaces/:id/tasks', '/workspaces/:id/consolidate']);

export interface LoadParts {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly stores: Stores;
  /** Share of the task queue that is taken. */
  readonly backlog: () => number;
}

/** Load as a share of capacity: of what there is least of. */
export function usageOf({ config, metrics, stores, backlog }: LoadParts): () => number {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let late = 0;
  setInterval(() => {
    late = delay.mean / 1e6 / FULL_DELAY;
    delay.reset();
  }, 1000);
  const usage = () =>
    Math.max(
      stores.able.pool?.usage ?? 0,
      backlog(),
      process.memoryUsage.rss() / config.memoryLimitBytes,
      Number.isFinite(late) ? late : 0,
    );
  metrics.watch('capacity_usage', 'Load as a share of capacity, of what there is least of', usage);
  return usage;
}

/** Starts shedding load by priority. */
export function startShedding({ config, metrics, stores }: LoadParts, usage: () => number): LoadShedder {
  const shed = metrics.labelled(
    'shed_total',
    'Work shed, by kind and by what became of it',
    'kind',
    'measure',
  );
  const shedder = new LoadShedder(usage, ({ work, measure }) => shed.inc({ kind: work.kind, measure }));
  const severities = ['none', 'medium', 'high', 'critical'];
  metrics.watch('shed_severity', '0 none, 1 medium, 2 high, 3 critical', () =>
    severities.indexOf(shedder.severity),
  );
  metrics.watch('shed_waiting', 'Work that was shed and waits for capacity', () => shedder.waiting);
  stores.able.registry?.shedBy(shedder);
  setInterval(() => shedder.look(), config.shedEverySeconds * 1000);
  return shedder;
}

/** Ends new work that is not taken on with a notice: 503 and when to come again. */
export function sheddingGuard(
  shedder: LoadShedder,
  planOf: (workspaceId: number) => Promise<string | undefined>,
  config: Config,
  metrics: Metrics,
): (app: FastifyInstance) => void {
  const refused = metrics.labelled('shed_refused_total', 'Requests that were not taken on', 'route');
  return (app) => {
    app.addHook<{ Params: { id: number } }>('preHandler', async (request, reply) => {
      const route = request.routeOptions.url ?? '';
      if (request.method !== 'POST' || !REFUSED.has(route) || shedder.severity === 'none') return;
      const plan = await planOf(request.params.id);
      const kind = route.endsWith('consolidate') ? 'consolidation' : 'execution';
      if (shedder.admits({ kind, tier: tierOf(plan ?? ''), completion: 0, share: 0 })) return;
      refused.inc({ route });
      return reply
        .code(503)
        .header('retry-after', Math.ceil(config.shedEverySeconds))
        .send({ error: `load is shed (${shedder.severity}); this request was not taken on` });
    });
  };
}

export interface Adjustable {
  readonly quality?: Quality;
  readonly alertness: Alertness;
}

/** What is done before a rush, each as far as the patterns allow. */
function preparationsOf(stores: Stores, { quality, alertness }: Adjustable): Preparation[] {
  const { pool, workspaces } = stores.able;
  const arm = (armed: boolean) => () => {
    alertness.armed = armed;
  };
  return [
    workspaces && { name: 'warm-caches', prepare: () => workspaces.warm() },
    pool && {
      name: 'raise-pool',
      above: SCALE_ABOVE,
      prepare: () => pool.connections.raiseFloor(Math.ceil(pool.connections.size * OPENED_AHEAD)),
      relax: () => pool.connections.lowerFloor(),
    },
    quality && {
      name: 'adjust-quality',
      prepare: () => quality.foresee(ADJUSTED_TO),
      relax: () => quality.foresee(0),
    },
    { name: 'arm-breaker', prepare: arm(true), relax: arm(false) },
  ].filter((one) => one !== undefined);
}

/** Starts foreseeing load and preparing for it; what is done is logged and measured. */
export function startPrediction(
  { config, metrics, stores }: LoadParts,
  usage: () => number,
  adjustable: Adjustable,
): void {
  const help = 'Preparations for a rush that was foreseen, made and taken back';
  const done = metrics.labelled('preparations_total', help, 'name', 'what', 'ok');
  const seconds = metrics.labelled('preparation_seconds_total', 'Time that preparations took', 'name');
  const notices = metrics.counter(
    'operations_notices_total',
    'Notices to operations that a rush is foreseen',
  );
  const tell = () => {
    notices.inc();
    console.log(`operations: load is foreseen to reach ${Math.round(100 * manager.forecast)}% of capacity`);
  };
  const manager: PredictiveManager = new PredictiveManager({
    usage,
    horizon: config.predictLooksAhead,
    preparations: [...preparationsOf(stores, adjustable), { name: 'tell-operations', prepare: tell }],
    onPrepared: ({ name, what, ok, milliseconds, confidence }) => {
      done.inc({ name, what, ok: String(ok) });
      seconds.inc({ name }, milliseconds / 1000);
      console.log(
        `prediction: ${what} ${name}, confidence ${confidence.toFixed(2)}, ${ok ? 'done' : 'failed'}`,
      );
    },
  });
  metrics.watch(
    'forecast_usage',
    'Load foreseen at the horizon, as a share of capacity',
    () => manager.forecast,
  );
  metrics.watch('forecast_confidence', 'How likely it is above 80% then', () => manager.confidence);
  metrics.watch('rushes_foreseen', 'Rushes foreseen', () => manager.record.foreseen);
  metrics.watch('rushes_come_true', 'Rushes foreseen that came', () => manager.record.cameTrue);
  setInterval(() => void manager.look(), config.predictEverySeconds * 1000);
}

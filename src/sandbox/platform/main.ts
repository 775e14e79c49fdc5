import { startAgents } from './agents.ts';
import { AiCalls } from './ai/calls.ts';
import { buildPipeline } from './ai/pipeline.ts';
import { buildApi } from './api.ts';
import { readConfig } from './config.ts';
import { consolidateEvery, consolidateRoute } from './consolidate.ts';
import { UncappedConsolidation } from './fragile/consolidation.ts';
import { HoldingExecution } from './fragile/execution.ts';
import { ShallowHealth } from './fragile/health.ts';
import { UnboundedQueue } from './fragile/queue.ts';
import { createMetrics } from './metrics.ts';
import { sheddingGuard, startPrediction, startShedding, usageOf } from './overload.ts';
import { plain, providerKeys } from './provider-keys.ts';
import { accessGuard } from './resilient/access.ts';
import { auditTrail } from './resilient/audit-log.ts';
import { BoundedQueue } from './resilient/bounded-queue.ts';
import { CappedConsolidation } from './resilient/consolidation-cap.ts';
import { contain } from './resilient/containment.ts';
import { DeepHealth } from './resilient/deep-health.ts';
import { Degradation } from './resilient/degradation.ts';
import { FieldCipher } from './resilient/encryption.ts';
import { importanceOf } from './resilient/importance.ts';
import { LastKnownWorkspaces } from './resilient/last-known.ts';
import { Parking } from './resilient/parking.ts';
import { plansOf } from './resilient/plans.ts';
import { Quality } from './resilient/quality.ts';
import { ShortExecution } from './resilient/short-transactions.ts';
import { timeLimits } from './resilient/timeouts.ts';
import { Vitals } from './resilient/vitals.ts';
import { prepareSchema } from './schema.ts';
import { openStores } from './stores.ts';
import { userRoutes } from './users/index.ts';
import { Workers } from './workers.ts';

const config = readConfig(process.env);
const { patterns } = config;
const metrics = createMetrics(patterns);
const limits = patterns.has('timeouts') ? timeLimits(config) : undefined;
if (patterns.has('containment')) contain(metrics);
const cipher = patterns.has('encryption') ? new FieldCipher(config.fieldKey ?? '') : undefined;

// What users read and write.
const stores = await openStores(config, metrics, limits);
const { database, redis, unfinished, tasks, workspaces, registry, completion } = stores;
const planOf = plansOf(database);

// The AI pipeline.
const calls = new AiCalls(metrics);
const quality = patterns.has('quality') ? new Quality(metrics) : undefined;
const alertness = { armed: false };
const ai = buildPipeline({ config, metrics, limits, calls, quality, alertness });
const bounded = patterns.has('bounded-queue')
  ? new BoundedQueue({ limit: config.queueLimit, unfinished: () => unfinished.count, planOf }, metrics)
  : undefined;
const queue = bounded ?? new UnboundedQueue(metrics);
const backlog = () => Math.max(queue.depth, unfinished.count) / config.queueLimit;

// What watches over load.
const load = { config, metrics, stores, backlog };
const usage = patterns.has('shedding') || patterns.has('prediction') ? usageOf(load) : () => 0;
const shedder = patterns.has('shedding') ? startShedding(load, usage) : undefined;
if (patterns.has('prediction')) startPrediction(load, usage, { quality, alertness });

// Who works.
const parking = shedder && Parking.of(shedder, config, metrics, stores.able.tasks);
const execution = patterns.has('short-transactions')
  ? new ShortExecution(database, unfinished, ai, completion, parking)
  : new HoldingExecution(database, unfinished, ai, completion);
/** Without a bound on the queue, the more are unfinished, the more workers; with one, as many as may work at once. */
const crew = () => {
  const growing = config.workers + Math.floor(unfinished.count / config.tasksPerExtraWorker);
  return Math.max(1, Math.floor((bounded ? config.atWorkLimit : growing) * (quality?.parallelism ?? 1)));
};
const workers = new Workers(tasks, queue, execution, crew, metrics);
const consolidation = patterns.has('consolidation-cap')
  ? new CappedConsolidation(config, database, metrics, {
      shedder,
      depth: () => quality?.consolidationDepth ?? 1,
    })
  : new UncappedConsolidation(config, database, metrics);

// How well it is, and what it still does.
const vitals = new Vitals(config, { calls, database, queue: backlog });
const degradation = patterns.has('fallback')
  ? new Degradation(metrics, { read: vitals.read, calm: Math.max(1000, 10_000 / config.timeScale) })
  : undefined;
const deepHealth = patterns.has('deep-health')
  ? new DeepHealth({ read: vitals.read, served: degradation && (() => degradation.level) })
  : undefined;

await prepareSchema(database.pool, config.workspaces, patterns.has('requeue') ? 'requeued' : 'lost');
void workers.run();
void registry.announce('orchestrator');
void registry.count();
stores.able.tasks?.start({ forgotten: patterns.has('requeue') });
consolidateEvery(config.consolidationEverySeconds, consolidation);
if (degradation || deepHealth || quality) {
  vitals.start(() => {
    degradation?.look();
    const { memory, queue } = vitals.read();
    quality?.adjust(Math.max(memory, queue));
  });
}

process.once('SIGTERM', () => process.exit(0));
const address = await buildApi({
  workspaces: degradation
    ? new LastKnownWorkspaces(workspaces, () => degradation.atLeast('emergency'), metrics)
    : workspaces,
  tasks,
  registry,
  health: deepHealth ?? new ShallowHealth(registry),
  metrics,
  extensions: [
    patterns.has('audit-log') ? auditTrail(database, metrics) : undefined,
    patterns.has('access') ? accessGuard(database, config.accessRequired) : undefined,
    deepHealth?.watch,
    degradation?.guard,
    shedder && sheddingGuard(shedder, planOf, config, metrics),
    bounded?.guard,
    providerKeys(database, cipher ? (key, place) => cipher.encrypt(key, place) : plain),
    consolidateRoute(consolidation),
    userRoutes({ database, redis, workspaces, metrics }),
  ].filter((one) => one !== undefined),
}).listen({ host: '127.0.0.1', port: config.port });
console.log(`platform listens on ${address}`);
startAgents(config.workspaces, config.agentTasksPerSecond, async (id, title) => {
  // What agents give themselves is not urgent unless it is important by its kind.
  const short = degradation?.atLeast('ai-degraded') || (shedder && shedder.severity !== 'none');
  if (!(short && importanceOf({ title, plan: '' }) === 'low')) await tasks.create(id, title);
});

import { Redis } from 'ioredis';
import { startAgents } from './agents.ts';
import { AiCalls } from './ai/calls.ts';
import { buildPipeline } from './ai/pipeline.ts';
import { buildApi } from './api.ts';
import { readConfig } from './config.ts';
import { FixedPool } from './fragile/database.ts';
import { HoldingExecution } from './fragile/execution.ts';
import { ShallowHealth } from './fragile/health.ts';
import { UnboundedQueue } from './fragile/queue.ts';
import { ServiceRegistry } from './fragile/registry.ts';
import { StoredTasks } from './fragile/tasks.ts';
import { UnfinishedTasks } from './fragile/unfinished.ts';
import { CachedWorkspaces } from './fragile/workspaces.ts';
import { createMetrics } from './metrics.ts';
import { BoundedQueue } from './resilient/bounded-queue.ts';
import { contain } from './resilient/containment.ts';
import { DeepHealth } from './resilient/deep-health.ts';
import { Degradation } from './resilient/degradation.ts';
import { importanceOf } from './resilient/importance.ts';
import { plansOf } from './resilient/plans.ts';
import { Quality } from './resilient/quality.ts';
import { timeLimits } from './resilient/timeouts.ts';
import { Vitals } from './resilient/vitals.ts';
import { prepareSchema } from './schema.ts';
import { Workers } from './workers.ts';

const config = readConfig(process.env);
const { patterns } = config;
const metrics = createMetrics(patterns);
const limits = patterns.has('timeouts') ? timeLimits(config) : undefined;
if (patterns.has('containment')) contain(metrics);

// Stores.
const database = new FixedPool(config, metrics, limits?.database);
const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: null, ...limits?.redis });
redis.on('error', (error) => console.error('redis:', error.message));

// What users read and write.
const unfinished = new UnfinishedTasks(config, metrics);
const tasks = new StoredTasks(database, unfinished, metrics);
const workspaces = new CachedWorkspaces(config, database, redis, metrics);
const registry = new ServiceRegistry(config, redis, database, metrics);

// The AI pipeline.
const calls = new AiCalls(metrics);
const quality = patterns.has('quality') ? new Quality(metrics) : undefined;
const ai = buildPipeline({ config, metrics, limits, calls, quality });
const bounded = patterns.has('bounded-queue')
  ? new BoundedQueue(
      { limit: config.queueLimit, unfinished: () => unfinished.count, planOf: plansOf(database) },
      metrics,
    )
  : undefined;
const queue = bounded ?? new UnboundedQueue(metrics);
const execution = new HoldingExecution(database, unfinished, ai, metrics);
/** The more are unfinished, the more workers. */
const crew = () => {
  const wanted = config.workers + Math.floor(unfinished.count / config.tasksPerExtraWorker);
  const most = bounded ? config.atWorkLimit : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(Math.min(wanted, most) * (quality?.parallelism ?? 1)));
};
const workers = new Workers(tasks, queue, execution, crew, metrics);

// How well it is, and what it still does.
const vitals = new Vitals(config, {
  calls,
  database,
  queue: () => Math.max(queue.depth, unfinished.count) / config.queueLimit,
});
const degradation = patterns.has('fallback')
  ? new Degradation(metrics, { read: vitals.read, calm: Math.max(1000, 30_000 / config.timeScale) })
  : undefined;
const deepHealth = patterns.has('deep-health')
  ? new DeepHealth({ read: vitals.read, fallback: degradation !== undefined })
  : undefined;

await prepareSchema(database.pool, config.workspaces);
void workers.run();
void registry.announce('orchestrator');
void registry.count();
if (degradation || deepHealth || quality) {
  vitals.start(() => {
    degradation?.look();
    const { memory, queue } = vitals.read();
    quality?.adjust(Math.max(memory, queue));
  });
}

process.once('SIGTERM', () => process.exit(0));
const address = await buildApi({
  workspaces,
  tasks,
  health: deepHealth ?? new ShallowHealth(registry),
  metrics,
  extensions: [deepHealth?.watch, degradation?.guard, bounded?.guard].filter((one) => one !== undefined),
}).listen({ host: '127.0.0.1', port: config.port });
console.log(`platform listens on ${address}`);
startAgents(config.workspaces, config.agentTasksPerSecond, async (id, title) => {
  // What agents give themselves is not urgent unless it is important by its kind.
  const paused = degradation?.atLeast('ai-degraded') && importanceOf({ title, plan: '' }) === 'low';
  if (!paused) await tasks.create(id, title);
});

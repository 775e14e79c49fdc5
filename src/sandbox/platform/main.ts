import { Redis } from 'ioredis';
import { startAgents } from './agents.ts';
import { buildApi } from './api.ts';
import { readConfig } from './config.ts';
import { PatientAi } from './fragile/ai.ts';
import { FixedPool } from './fragile/database.ts';
import { HoldingExecution } from './fragile/execution.ts';
import { ShallowHealth } from './fragile/health.ts';
import { UnboundedQueue } from './fragile/queue.ts';
import { ServiceRegistry } from './fragile/registry.ts';
import { StoredTasks } from './fragile/tasks.ts';
import { UnfinishedTasks } from './fragile/unfinished.ts';
import { CachedWorkspaces } from './fragile/workspaces.ts';
import { createMetrics } from './metrics.ts';
import { prepareSchema } from './schema.ts';
import { userRoutes } from './users/index.ts';
import { Workers } from './workers.ts';

const config = readConfig(process.env);
const metrics = createMetrics(config.patterns);

// Stores.
const database = new FixedPool(config, metrics);
const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: null });
redis.on('error', (error) => console.error('redis:', error.message));

// What users read and write.
const unfinished = new UnfinishedTasks(config, metrics);
const tasks = new StoredTasks(database, unfinished, metrics);
const workspaces = new CachedWorkspaces(config, database, redis, metrics);
const registry = new ServiceRegistry(config, redis, database, metrics);

// The AI pipeline.
const ai = new PatientAi(config, metrics);
const queue = new UnboundedQueue(metrics);
const execution = new HoldingExecution(database, unfinished, ai, metrics);
/** The more are unfinished, the more workers. */
const crew = () => config.workers + Math.floor(unfinished.count / config.tasksPerExtraWorker);
const workers = new Workers(tasks, queue, execution, crew, metrics);

const health = new ShallowHealth(registry);

await prepareSchema(database.pool, config.workspaces);
void workers.run();
void registry.announce('orchestrator');
void registry.count();

process.once('SIGTERM', () => process.exit(0));
const address = await buildApi({
  workspaces,
  tasks,
  health,
  metrics,
  extensions: [userRoutes({ database, redis, workspaces, metrics })],
}).listen({ host: '127.0.0.1', port: config.port });
console.log(`platform listens on ${address}`);
startAgents(config.workspaces, config.agentTasksPerSecond, (id, title) => tasks.create(id, title));

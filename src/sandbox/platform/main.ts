import { Redis } from 'ioredis';
import { startAgents } from './agents.ts';
import { buildApi } from './api.ts';
import { readConfig } from './config.ts';
import { Ai } from './fragile/ai.ts';
import { Database } from './fragile/database.ts';
import { ServiceRegistry } from './fragile/registry.ts';
import { Tasks } from './fragile/tasks.ts';
import { Unfinished } from './fragile/unfinished.ts';
import { Workers } from './fragile/workers.ts';
import { Workspaces } from './fragile/workspaces.ts';
import { createMetrics } from './metrics.ts';
import { prepareSchema } from './schema.ts';

const config = readConfig(process.env);
const metrics = createMetrics();

const database = new Database(config, metrics);
const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: null });
redis.on('error', (error) => console.error('redis:', error.message));
const unfinished = new Unfinished(config, metrics);
const tasks = new Tasks(database, unfinished, metrics);
const workspaces = new Workspaces(config, database, redis, metrics);
const registry = new ServiceRegistry(config, redis, database, metrics);
const ai = new Ai(config, metrics);
const workers = new Workers(config, database, tasks, unfinished, ai, metrics);

await prepareSchema(database.pool, config.workspaces);
void workers.run();
void registry.announce('orchestrator');
void registry.count();

process.once('SIGTERM', () => process.exit(0));
const address = await buildApi({ workspaces, tasks, registry, metrics }).listen({
  host: '127.0.0.1',
  port: config.port,
});
console.log(`platform listens on ${address}`);
startAgents(config.workspaces, config.agentTasksPerSecond, (id, title) => tasks.create(id, title));

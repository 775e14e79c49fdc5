import { Redis, type RedisOptions } from 'ioredis';
import type pg from 'pg';
import type { Config } from './config.ts';
import { LossyCompletion } from './fragile/completion.ts';
import { FixedPool } from './fragile/database.ts';
import { ServiceRegistry } from './fragile/registry.ts';
import { StoredTasks } from './fragile/tasks.ts';
import { UnfinishedTasks } from './fragile/unfinished.ts';
import { CachedWorkspaces } from './fragile/workspaces.ts';
import type { Metrics } from './metrics.ts';
import type { Completion, Database, Registry, Tasks, Unfinished, Workspaces } from './parts.ts';
import { PooledDatabase } from './resilient/database.ts';
import { QueuedTasks } from './resilient/queued-tasks.ts';
import { CachedRegistry } from './resilient/registry.ts';
import { RepeatedCompletion } from './resilient/repeated-completion.ts';
import { RequeuedCompletion } from './resilient/requeued-completion.ts';
import { PooledWorkingSets } from './resilient/working-sets.ts';
import { SharedWorkspaces } from './resilient/workspaces.ts';

/** What the platform keeps, and where; each part as the patterns want it. */
export interface Stores {
  readonly database: Database;
  readonly redis: Redis;
  readonly unfinished: Unfinished;
  readonly tasks: Tasks;
  readonly workspaces: Workspaces;
  readonly registry: Registry;
  readonly completion: Completion;
  /** The same parts, where they can do more. */
  readonly able: {
    readonly pool?: PooledDatabase;
    readonly tasks?: QueuedTasks;
    readonly workspaces?: SharedWorkspaces;
    readonly registry?: CachedRegistry;
  };
}

export interface StoreLimits {
  readonly database?: pg.PoolConfig;
  readonly redis?: RedisOptions;
}

/** @param limits how long the stores may take; default: for ever */
export async function openStores(
  config: Config,
  metrics: Metrics,
  limits: StoreLimits = {},
): Promise<Stores> {
  const { patterns } = config;
  const pool = patterns.has('pool')
    ? await PooledDatabase.open(config, metrics, limits.database ?? {}, patterns.has('release'))
    : undefined;
  const database = pool ?? new FixedPool(config, metrics, limits.database);
  const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: null, ...limits.redis });
  redis.on('error', (error) => console.error('redis:', error.message));

  const unfinished = patterns.has('object-pool')
    ? new PooledWorkingSets(config, metrics)
    : new UnfinishedTasks(config, metrics);
  const queued =
    patterns.has('requeue') || patterns.has('shedding')
      ? new QueuedTasks(database, unfinished, metrics)
      : undefined;
  const shared = patterns.has('single-flight')
    ? new SharedWorkspaces(config, database, redis, metrics)
    : undefined;
  const cached = patterns.has('discovery-cache')
    ? new CachedRegistry(config, redis, database, metrics)
    : undefined;
  return {
    database,
    redis,
    unfinished,
    tasks: queued ?? new StoredTasks(database, unfinished, metrics),
    workspaces: shared ?? new CachedWorkspaces(config, database, redis, metrics),
    registry: cached ?? new ServiceRegistry(config, redis, database, metrics),
    completion: completionOf(config, database, queued, metrics),
    able: { pool, tasks: queued, workspaces: shared, registry: cached },
  };
}

function completionOf(
  { patterns }: Config,
  database: Database,
  queued: QueuedTasks | undefined,
  metrics: Metrics,
): Completion {
  if (queued && patterns.has('requeue')) return new RequeuedCompletion(queued.requeue, metrics);
  return patterns.size === 0
    ? new LossyCompletion(database, metrics)
    : new RepeatedCompletion(database, metrics);
}

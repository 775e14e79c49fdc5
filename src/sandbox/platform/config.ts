import { type PatternName, parsePatterns } from './patterns.ts';

/** Everything the platform is told from outside, all of it by environment variables. */
export interface Config {
  /** The patterns that are on; with none it is the fragile build. */
  readonly patterns: ReadonlySet<PatternName>;
  /** Long times of the resilient parts are divided by it, so that an outage of a quarter of an hour fits a minute. */
  readonly timeScale: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly openaiBaseUrl: string;
  readonly openaiApiKey: string;
  readonly port: number;
  readonly model: string;
  readonly workspaces: number;
  /** Tasks that the agents give themselves, over all workspaces. */
  readonly agentTasksPerSecond: number;
  readonly poolSize: number;
  /** Writers that Postgres gets at once. */
  readonly writers: number;
  /** Workers while there is no backlog. */
  readonly workers: number;
  /** One worker more for each so many unfinished tasks. */
  readonly tasksPerExtraWorker: number;
  /** What an unfinished task keeps in memory. */
  readonly workingSetBytes: number;
  readonly cacheSeconds: number;
  /** A service whose heartbeat is older is no longer found. */
  readonly heartbeatSeconds: number;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const number = (name: string, otherwise: number) => {
    const value = Number(env[name] ?? otherwise);
    if (!Number.isFinite(value)) throw new Error(`${name} must be a number, not "${env[name]}"`);
    return value;
  };
  const text = (name: string) => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  };
  return {
    patterns: parsePatterns(env.RESILIENCE ?? 'none'),
    timeScale: number('TIME_SCALE', 1),
    databaseUrl: text('DATABASE_URL'),
    redisUrl: text('REDIS_URL'),
    openaiBaseUrl: text('OPENAI_BASE_URL'),
    openaiApiKey: text('OPENAI_API_KEY'),
    port: number('PORT', 13000),
    model: env.OPENAI_MODEL ?? 'gpt-4o-mini',
    workspaces: number('WORKSPACES', 60),
    agentTasksPerSecond: number('AGENT_TASKS_PER_SECOND', 4),
    poolSize: number('DB_POOL_SIZE', 32),
    writers: number('DB_WRITERS', 10),
    workers: number('WORKERS', 3),
    tasksPerExtraWorker: number('TASKS_PER_EXTRA_WORKER', 10),
    workingSetBytes: number('WORKING_SET_BYTES', 1 << 20),
    cacheSeconds: number('CACHE_SECONDS', 5),
    heartbeatSeconds: number('HEARTBEAT_SECONDS', 8),
  };
}

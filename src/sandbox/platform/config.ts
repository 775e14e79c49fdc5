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
  /** Cheaper, and not as good. */
  readonly smallModel: string;
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
  /** Memory of the process at which it counts as full. */
  readonly memoryLimitBytes: number;
  /** What all working sets together may take where they come from a pool. */
  readonly workingSetsBytes: number;
  /** Tasks that the bounded queue holds. */
  readonly queueLimit: number;
  /** Tasks that are worked on at once where that is bounded. */
  readonly atWorkLimit: number;
  readonly cacheSeconds: number;
  /** A service whose heartbeat is older is no longer found. */
  readonly heartbeatSeconds: number;
  /** Connections of the dynamic pool; scaled down where the database server allows fewer. */
  readonly poolMax: number;
  readonly poolOverflow: number;
  readonly poolFloor: number;
  /** How often load is looked at to shed some of it, and to foresee it. */
  readonly shedEverySeconds: number;
  readonly predictEverySeconds: number;
  /** How many looks ahead the forecast goes. */
  readonly predictLooksAhead: number;
  /** A cycle of memory consolidation over all workspaces each so many seconds; 0: only when asked for. */
  readonly consolidationEverySeconds: number;
  /** Memories that a capped cycle takes up. */
  readonly consolidationCap: number;
  /** Size of a memory. */
  readonly memoryFeatures: number;
  /** 32 bytes as base64, for encrypted fields. */
  readonly fieldKey: string | undefined;
  /** Whether a request without a user's name is refused. */
  readonly accessRequired: boolean;
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
  const timeScale = number('TIME_SCALE', 1);
  return {
    patterns: parsePatterns(env.RESILIENCE ?? 'none'),
    timeScale,
    databaseUrl: text('DATABASE_URL'),
    redisUrl: text('REDIS_URL'),
    openaiBaseUrl: text('OPENAI_BASE_URL'),
    openaiApiKey: text('OPENAI_API_KEY'),
    port: number('PORT', 13000),
    model: env.OPENAI_MODEL ?? 'gpt-4o-mini',
    smallModel: env.OPENAI_SMALL_MODEL ?? 'gpt-4.1-nano',
    workspaces: number('WORKSPACES', 60),
    agentTasksPerSecond: number('AGENT_TASKS_PER_SECOND', 4),
    poolSize: number('DB_POOL_SIZE', 32),
    writers: number('DB_WRITERS', 10),
    workers: number('WORKERS', 3),
    tasksPerExtraWorker: number('TASKS_PER_EXTRA_WORKER', 10),
    workingSetBytes: number('WORKING_SET_BYTES', 1 << 20),
    memoryLimitBytes: number('MEMORY_LIMIT_BYTES', 4 * 2 ** 30),
    workingSetsBytes: number('WORKING_SETS_BYTES', 256 << 20),
    queueLimit: number('QUEUE_LIMIT', 1000),
    atWorkLimit: number('AT_WORK_LIMIT', 50),
    cacheSeconds: number('CACHE_SECONDS', 5),
    heartbeatSeconds: number('HEARTBEAT_SECONDS', 8),
    poolMax: number('DB_POOL_MAX', 200),
    poolOverflow: number('DB_POOL_OVERFLOW', 50),
    poolFloor: number('DB_POOL_FLOOR', 10),
    shedEverySeconds: number('SHED_EVERY_SECONDS', 10 / timeScale),
    predictEverySeconds: number('PREDICT_EVERY_SECONDS', 300 / timeScale),
    predictLooksAhead: number('PREDICT_LOOKS_AHEAD', 48),
    consolidationEverySeconds: number('CONSOLIDATION_EVERY_SECONDS', 0),
    consolidationCap: number('CONSOLIDATION_CAP', 100),
    memoryFeatures: number('MEMORY_FEATURES', 32_768),
    fieldKey: env.FIELD_KEY,
    accessRequired: env.ACCESS_REQUIRED === '1',
  };
}

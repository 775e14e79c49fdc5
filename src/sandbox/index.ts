import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Program, startProgram } from './programs.ts';
import { type Service, startPostgres } from './services/postgres.ts';
import { startRedis } from './services/redis.ts';

export { PATTERN_NAMES } from './platform/patterns.ts';
export { DEMO_PORTS, type SandboxPorts } from './ports.ts';
export type { Program } from './programs.ts';
export { SandboxError } from './services/error.ts';

export interface ServicesOptions {
  /** Default: free ports. */
  readonly ports?: { readonly postgres?: number; readonly redis?: number; readonly provider?: number };
  /** Folder that gets the services' logs; default: temporary ones that end with the services. */
  readonly logDir?: string;
  /** Where DATABASE_URL and REDIS_URL are looked up. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The simulator's own knobs: `SIMULATOR_SEED`, `SIMULATOR_FIRST_TOKEN_MS`, `SIMULATOR_TOKEN_MS`, `SIMULATOR_TOKENS`. */
  readonly provider?: Readonly<Record<string, string>>;
}

export interface Services {
  readonly postgres: { readonly url: string; readonly port: number };
  readonly redis: { readonly url: string; readonly port: number };
  /** An OpenAI-compatible simulator; its API is below `url` + `/v1`. */
  readonly provider: { readonly url: string; readonly port: number };
  /** Ends them all and removes their data. May be called any number of times. */
  stop(): Promise<void>;
}

/** Starts everything that the platform depends on. When one cannot start, those that did are stopped again. */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const env = options.env ?? process.env;
  const ports = options.ports ?? {};
  const logDir = options.logDir === undefined ? undefined : resolve(options.logDir);
  if (logDir) await mkdir(logDir, { recursive: true });
  const log = (name: string) => (logDir ? join(logDir, `${name}.log`) : undefined);

  const outcomes = await Promise.allSettled([
    startPostgres({ port: ports.postgres, url: env.DATABASE_URL, logFile: log('postgres') }),
    startRedis({ port: ports.redis, url: env.REDIS_URL, logFile: log('redis') }),
    startProvider({ port: ports.provider, logDir, env: options.provider }),
  ] as const);
  const stop = async () => {
    await Promise.all(outcomes.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  };
  const failed = outcomes.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [postgres, redis, provider] = outcomes.map((one) => (one as PromiseFulfilledResult<Service>).value);
  return { postgres: postgres!, redis: redis!, provider: provider!, stop };
}

interface ProviderOptions {
  /** Default: a free port. */
  readonly port?: number;
  readonly logDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The OpenAI-compatible simulator, in a process of its own. */
function startProvider({ port, logDir, env = {} }: ProviderOptions = {}): Promise<Program> {
  return startProgram({
    name: 'the OpenAI simulator',
    entry: 'provider',
    port,
    logDir,
    env,
    ready: '/simulator/stats',
  });
}

export interface PlatformOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** With its path: `http://127.0.0.1:14010/v1`. */
  readonly openaiBaseUrl: string;
  readonly apiKey: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Folder that gets `platform.log`; default: a temporary one that ends with the platform. */
  readonly logDir?: string;
  /** Which patterns are on: `none` (default), `all`, names with commas between them, `all,-name`. */
  readonly resilience?: string;
  /** Time in ms until a platform that ended by itself is started again. Default 3000. */
  readonly restartAfter?: number;
  /** The platform's own knobs, such as `AGENT_TASKS_PER_SECOND`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The AI-workspace platform, in a process of its own that is started again after it ended by itself. */
export function startPlatform(options: PlatformOptions): Promise<Program> {
  return startProgram({
    name: 'the platform',
    entry: 'platform',
    port: options.port,
    logDir: options.logDir === undefined ? undefined : resolve(options.logDir),
    env: {
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      OPENAI_BASE_URL: options.openaiBaseUrl,
      OPENAI_API_KEY: options.apiKey,
      RESILIENCE: options.resilience ?? 'none',
      FIELD_KEY: randomBytes(32).toString('base64'),
      ...options.env,
    },
    ready: '/metrics',
    restartAfter: options.restartAfter ?? 3000,
  });
}

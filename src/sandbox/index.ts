import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from './programs.ts';
import { type Service, startPostgres } from './services/postgres.ts';
import { startRedis } from './services/redis.ts';

export { DEMO_PORTS } from './ports.ts';
export { SandboxError } from './services/error.ts';
export { startPostgres } from './services/postgres.ts';
export { startRedis } from './services/redis.ts';

export interface ServicesOptions {
  /** Default: free ports. */
  readonly ports?: { readonly postgres?: number; readonly redis?: number; readonly provider?: number };
  /** Folder that gets the services' logs; default: a temporary one that `stop` removes. */
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
  stop(): Promise<void>;
}

/** Starts everything that the platform depends on. When one cannot start, those that did are stopped again. */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const env = options.env ?? process.env;
  const ports = options.ports ?? {};
  const logs = await logFolder(options.logDir);
  const started: { stop(): Promise<void> }[] = [logs];
  const stop = async () => {
    await Promise.all(started.slice(1).map((service) => service.stop()));
    await logs.stop();
  };
  const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const service = await starting;
    started.push(service);
    return service;
  };
  const [postgres, redis, provider] = await Promise.allSettled([
    keep(startPostgres({ port: ports.postgres, url: env.DATABASE_URL })),
    keep(startRedis({ port: ports.redis, url: env.REDIS_URL, logFile: join(logs.path, 'redis.log') })),
    keep(startProvider({ port: ports.provider, logDir: logs.path, env: options.provider })),
  ]);
  const failed = [postgres, redis, provider].find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    postgres: (postgres as PromiseFulfilledResult<Service>).value,
    redis: (redis as PromiseFulfilledResult<Service>).value,
    provider: (provider as PromiseFulfilledResult<Program>).value,
    stop,
  };
}

/** The OpenAI-compatible simulator, in a process of its own. */
export function startProvider(options: {
  readonly port?: number;
  readonly logDir: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Program> {
  const { port, logDir, env = {} } = options;
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
  /** Folder that gets `platform.log`; default: a temporary one that `stop` removes. */
  readonly logDir?: string;
  /** The platform's own knobs, such as `AGENT_TASKS_PER_SECOND`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The AI-workspace platform, in a process of its own. */
export async function startPlatform(options: PlatformOptions): Promise<Program> {
  const logs = await logFolder(options.logDir);
  try {
    const program = await startProgram({
      name: 'the platform',
      entry: 'platform',
      port: options.port,
      logDir: logs.path,
      env: {
        DATABASE_URL: options.databaseUrl,
        REDIS_URL: options.redisUrl,
        OPENAI_BASE_URL: options.openaiBaseUrl,
        OPENAI_API_KEY: options.apiKey,
        ...options.env,
      },
      ready: '/metrics',
    });
    return {
      ...program,
      stop: async () => {
        await program.stop();
        await logs.stop();
      },
    };
  } catch (error) {
    await logs.stop();
    throw error;
  }
}

async function logFolder(given: string | undefined): Promise<{ path: string; stop(): Promise<void> }> {
  if (given !== undefined) return { path: given, stop: async () => {} };
  const path = await mkdtemp(join(tmpdir(), 'faultline-sandbox-'));
  return { path, stop: () => rm(path, { recursive: true, force: true }) };
}

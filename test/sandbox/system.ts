import pg from 'pg';
import { type Program, type Services, startPlatform, startServices } from '../../src/sandbox/index.ts';
import { type Gate, startGate } from './gate.ts';

/** The whole sandbox on free ports, with a gate between the platform and its AI provider. */
export interface System {
  readonly services: Services;
  readonly platform: Program;
  readonly gate: Gate;
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The value of a metric without labels. */
  metric(name: string): Promise<number>;
  get(path: string, timeout?: number): Promise<{ status: number; body: Record<string, unknown> }>;
  post(
    path: string,
    body: object,
    timeout?: number,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

export async function startSystem(
  env: Record<string, string>,
  provider: Record<string, string> = {},
  resilience = 'none',
): Promise<System> {
  const services = await startServices({ env: {}, provider });
  const gate = await startGate(services.provider.port);
  const platform = await startPlatform({
    databaseUrl: services.postgres.url,
    redisUrl: services.redis.url,
    openaiBaseUrl: `http://127.0.0.1:${gate.port}/v1`,
    apiKey: 'sk-test',
    resilience,
    env,
  });
  const pool = new pg.Pool({ connectionString: services.postgres.url, max: 2 });
  pool.on('error', () => {});
  const request = async (path: string, init: RequestInit, timeout: number) => {
    const response = await fetch(platform.url + path, { ...init, signal: AbortSignal.timeout(timeout) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    services,
    platform,
    gate,
    sql: async (text, values) => (await pool.query(text, values)).rows as never,
    metric: async (name) => {
      const text = await (await fetch(`${platform.url}/metrics`)).text();
      const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
      if (value === undefined) throw new Error(`no metric ${name}`);
      return Number(value);
    },
    get: (path, timeout = 10_000) => request(path, {}, timeout),
    post: (path, body, timeout = 10_000) =>
      request(
        path,
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
        timeout,
      ),
    stop: async () => {
      await pool.end();
      await platform.stop();
      await gate.close();
      await services.stop();
    },
  };
}

import { describe } from 'vitest';
import { findTool } from '../../src/sandbox/services/find-tool.ts';
import { startPostgres as postgres, type Service } from '../../src/sandbox/services/postgres.ts';
import { startRedis as redis } from '../../src/sandbox/services/redis.ts';

export type { Service } from '../../src/sandbox/services/postgres.ts';

/** A fresh real Postgres on a free port with the empty database `sandbox`; about a second. `stop()` it in afterAll. */
export function startPostgres(options: { port?: number; password?: string } = {}): Promise<Service> {
  return postgres(options);
}

/** A fresh real Redis on a free port. `stop()` it in afterAll. */
export function startRedis(options: { port?: number } = {}): Promise<Service> {
  return redis(options);
}

/** Whether PATH holds any of these programs. */
function hasTool(...anyOf: readonly string[]): boolean {
  return findTool(...anyOf) !== undefined;
}

/**
 * Whether tests that need one of these programs are to be skipped. Under CI they never are: there they run, and fail
 * for want of it. Use as `describe.skipIf(lacksTool('psql'))('…')`.
 */
export function lacksTool(...anyOf: readonly string[]): boolean {
  return !hasTool(...anyOf) && !process.env.CI;
}

/** `describe` for tests that need a Redis server. */
export const describeWithRedis = describe.skipIf(lacksTool('redis-server', 'valkey-server'));

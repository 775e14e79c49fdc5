import type { Clock } from '../../core/clock.ts';
import { adminTarget } from '../admin/index.ts';
import { createLeasedDriver, type LeasedDriver } from '../leased/index.ts';
import { hold } from './hold.ts';
import { lock } from './lock.ts';
import { postgresServer } from './server.ts';
import { terminate } from './terminate.ts';

const KIND = 'postgres-admin';

export const POSTGRES_ADMIN_FAULTS = [hold, lock, terminate] as const;

export interface PostgresAdminOptions {
  /** As an experiment names it. */
  readonly name: string;
  /** Connection string, with its variables expanded. */
  readonly url: string;
  readonly clock?: Clock;
}

/** A Postgres server, straight: what no proxy can do. Nothing is sent before the first call. */
export function connectPostgresAdmin({ name, url, clock }: PostgresAdminOptions): LeasedDriver {
  const given = clock ? { clock } : {};
  const target = adminTarget({
    kind: KIND,
    name,
    server: postgresServer(url),
    faults: POSTGRES_ADMIN_FAULTS,
    ...given,
  });
  return createLeasedDriver(target, { name, ...given });
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../src/sandbox/services/find-tool.ts';

/** A Debian package, and how to see that what it brings is there already. */
export interface Wanted {
  readonly package: string;
  /** What it is called where packages have other names. */
  readonly elsewhere: string;
  readonly present: () => boolean;
  /** Without it the purpose cannot be served at all. */
  readonly needed: boolean;
  /** The service that its installation would start. */
  readonly service?: string;
}

const redis: Wanted = {
  package: 'redis-server',
  elsewhere: 'redis',
  present: () => findTool('redis-server', 'valkey-server') !== undefined || Boolean(process.env.REDIS_URL),
  needed: true,
  service: 'redis-server',
};
const postgres: Wanted = {
  package: 'postgresql',
  elsewhere: 'postgresql',
  present: () => hasPostgresProgram('pgbench'),
  needed: false,
  service: 'postgresql',
};
const postgresClient: Wanted = {
  package: 'postgresql-client',
  elsewhere: 'postgresql',
  present: () => hasPostgresProgram('psql'),
  needed: false,
};
const haproxy: Wanted = {
  package: 'haproxy',
  elsewhere: 'haproxy',
  present: () => findTool('haproxy') !== undefined,
  needed: false,
  service: 'haproxy',
};
const chromium: Wanted = {
  package: 'chromium',
  elsewhere: 'chromium',
  present: () => findTool('chromium', 'chromium-browser', 'google-chrome') !== undefined,
  needed: false,
};

const PURPOSES: Readonly<Record<string, readonly Wanted[]>> = {
  demo: [redis],
  test: [redis, postgres, postgresClient, chromium],
  bench: [redis, postgres, postgresClient, haproxy],
  all: [redis, postgres, postgresClient, haproxy, chromium],
};

/** What a purpose (`demo`, `test`, `bench`, `all`) wants installed; nothing for an unknown one. */
export function packagesFor(purpose: string): readonly Wanted[] | undefined {
  return Object.hasOwn(PURPOSES, purpose) ? PURPOSES[purpose] : undefined;
}

/** Debian puts a wrapper of the same name into PATH even where the program itself is not installed. */
function hasPostgresProgram(name: string): boolean {
  const debian = '/usr/lib/postgresql';
  if (!existsSync('/usr/share/postgresql-common')) return findTool(name) !== undefined;
  return (
    existsSync(debian) &&
    readdirSync(debian).some((version) => existsSync(join(debian, version, 'bin', name)))
  );
}

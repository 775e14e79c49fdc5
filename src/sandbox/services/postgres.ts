import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresAccount } from './account.ts';
import { SandboxError } from './error.ts';
import { localUrl } from './local-url.ts';
import { onPort } from './ports.ts';
import { runnablePostgres } from './postgres-binaries.ts';
import { whenReady } from './ready.ts';
import { startSupervised } from './supervised.ts';

const run = promisify(execFile);

export interface Service {
  readonly url: string;
  readonly port: number;
  /** Process id, where this process started the service. */
  readonly pid?: number;
  /** Ends the service and removes its data. May be called any number of times. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** A Postgres that runs already, such as DATABASE_URL: nothing is started, and a database of its own is made in it. */
  readonly url?: string;
  /** Password of the user `postgres`. Default `sandbox`. */
  readonly password?: string;
  /** File for the server's log. Default: one beside the data, removed with it. */
  readonly logFile?: string;
}

/** A real Postgres on 127.0.0.1 with an empty database `sandbox`, its data in a fresh folder that `stop` removes. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Service> {
  if (options.url) return databaseIn(localUrl('DATABASE_URL', options.url));
  return onPort(options.port, 'Postgres', (port) => startOwn(port, options));
}

async function startOwn(port: number, options: PostgresOptions): Promise<Service> {
  const password = options.password ?? 'sandbox';
  const account = postgresAccount();
  const native = await runnablePostgres(account);
  const folder = await mkdtemp(join(reachableTmp(), 'faultline-postgres-data-'));
  try {
    const passwordFile = join(folder, 'password');
    const logFile = options.logFile ?? join(folder, 'log');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await (await open(logFile, 'a')).close();
    if (account) {
      for (const path of [folder, passwordFile]) await chown(path, account.uid, account.gid);
    }
    const data = join(folder, 'data');
    await run(
      join(native, 'bin', 'initdb'),
      [`--pgdata=${data}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
        // The data lives as long as the sandbox: nothing needs to survive a crash of the machine.
        .concat(['--no-locale', '--encoding=UTF8', '--no-sync', '--no-instructions']),
      { ...account, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } },
    );
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=60',
      'shared_buffers=32MB',
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'jit=off',
    ];
    const service = await startSupervised({
      name: 'Postgres',
      command: join(native, 'bin', 'postgres'),
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      cwd: folder,
      logFile,
      // INT is the fast shutdown: it does not wait for clients to leave.
      stopSignal: 'INT',
      remove: folder,
      ...account,
    });
    const admin = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
    try {
      await whenReady('Postgres', service, () => connects(admin));
      await query(admin, 'create database sandbox');
    } catch (error) {
      await service.stop();
      throw error;
    }
    return {
      url: admin.replace(/postgres$/, 'sandbox'),
      port,
      pid: service.pid,
      stop: service.stop,
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (error instanceof SandboxError) throw error;
    const { stderr, message } = error as Error & { stderr?: string };
    throw new SandboxError(`Postgres could not be set up in ${folder}: ${(stderr || message).trim()}`);
  }
}

/** A database of its own in a Postgres that runs already, so that nothing there is touched; dropped by `stop`. */
async function databaseIn(server: URL): Promise<Service> {
  const name = `sandbox_${randomBytes(4).toString('hex')}`;
  try {
    await query(server.href, `create database ${name}`);
  } catch (error) {
    throw new SandboxError(
      `The Postgres that DATABASE_URL names on port ${server.port || 5432} is of no use: ${(error as Error).message}. Mend that, or unset DATABASE_URL.`,
    );
  }
  const own = new URL(server.href);
  own.pathname = `/${name}`;
  let stopping: Promise<void> | undefined;
  return {
    url: own.href,
    port: Number(server.port || 5432),
    stop: () => {
      stopping ??= query(server.href, `drop database if exists ${name} with (force)`);
      return stopping;
    },
  };
}

async function connects(url: string): Promise<boolean> {
  try {
    await query(url, 'select 1');
    return true;
  } catch {
    return false;
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}

/** As root the data belongs to another account, which may be unable to enter root's own TMPDIR. */
function reachableTmp(): string {
  return process.getuid?.() === 0 ? '/tmp' : tmpdir();
}

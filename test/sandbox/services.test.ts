import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres as startAnyPostgres } from '../../src/sandbox/services/postgres.ts';
import { startRedis as startAnyRedis } from '../../src/sandbox/services/redis.ts';
import { describeWithRedis, type Service, startPostgres, startRedis } from '../support/services.ts';
import { until } from '../support/until.ts';

describe('the Postgres of the sandbox', () => {
  let postgres: Service;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  test('is a real one that takes SQL and allows 60 connections', async () => {
    const rows = await query(postgres.url, 'show max_connections');
    expect(rows).toEqual([{ max_connections: '60' }]);
  });

  test('asks for the password', async () => {
    const wrong = postgres.url.replace(':sandbox@', ':wrong@');
    await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('leads its own process group, so that Ctrl-C in a terminal does not reach it', () => {
    expect(processGroup(postgres.pid!)).not.toBe(processGroup(process.pid));
  });

  test('can be used in place of starting one, in a database of its own that is dropped again', async () => {
    const guest = await startAnyPostgres({ url: postgres.url });
    expect(guest.port).toBe(postgres.port);
    expect(guest.url).not.toBe(postgres.url);
    await query(guest.url, 'create table t (a int)');
    await guest.stop();
    const names = await query(
      postgres.url,
      `select datname from pg_database where datname like 'sandbox\\_%'`,
    );
    expect(names).toEqual([]);
  });

  test('says which port is taken', async () => {
    await expect(startPostgres({ port: postgres.port })).rejects.toThrow(
      `Port ${postgres.port}, wanted for Postgres, is in use.`,
    );
  });

  test('is not looked for on another machine', async () => {
    await expect(startAnyPostgres({ url: 'postgres://u:secret@db.example:5432/prod' })).rejects.toThrow(
      /DATABASE_URL points to db\.example, and the sandbox uses services on this machine only/,
    );
  });

  test('is gone with its data after stop, however often that is called', async () => {
    const short = await startPostgres();
    const data = (await query(short.url, 'show data_directory'))[0]!.data_directory as string;
    expect(existsSync(data)).toBe(true);
    await Promise.all([short.stop(), short.stop()]);
    await short.stop();
    expect(isAlive(short.pid!)).toBe(false);
    expect(existsSync(data)).toBe(false);
  });
});

describeWithRedis('the Redis of the sandbox', () => {
  test('is a real one, and gone after stop', async () => {
    const redis = await startRedis();
    const client = new Redis(redis.url);
    try {
      await client.set('a', '1');
      expect(await client.get('a')).toBe('1');
    } finally {
      await client.quit();
      await redis.stop();
    }
    expect(isAlive(redis.pid!)).toBe(false);
  });

  test('says which port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    try {
      await expect(startRedis({ port })).rejects.toThrow(`Port ${port}, wanted for Redis, is in use.`);
    } finally {
      server.close();
    }
  });
});

describe('without a Redis server in PATH', () => {
  const path = process.env.PATH;
  beforeAll(() => {
    process.env.PATH = '/nonexistent';
  });
  afterAll(() => {
    process.env.PATH = path;
  });

  test('the sandbox says how to get one', async () => {
    await expect(startAnyRedis()).rejects.toThrow(
      /no redis-server and no valkey-server in PATH.*apt-get install redis-server.*REDIS_URL/,
    );
  });

  test('REDIS_URL is used', async () => {
    const redis = await startAnyRedis({ url: 'redis://127.0.0.1:6400' });
    expect(redis).toMatchObject({ url: 'redis://127.0.0.1:6400', port: 6400 });
  });
});

describeWithRedis('when the owner is killed', () => {
  test('its services end and their data goes', async () => {
    const owner = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('./owner.ts', import.meta.url))],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(owner.stdout!, 'data')) as [Buffer];
    const { pids, data } = JSON.parse(String(line)) as { pids: number[]; data: string };
    expect(pids.map(isAlive)).toEqual([true, true]);
    owner.kill('SIGKILL');
    await until('both services are gone', () => !pids.some(isAlive));
    await until('the data is gone', () => !existsSync(data));
  });
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function processGroup(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]!;
}

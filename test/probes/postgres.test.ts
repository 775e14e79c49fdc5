import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeSpec } from '../../src/core/plan.ts';
import type { Probe } from '../../src/core/ports.ts';
import { createProbe } from '../../src/probes/index.ts';
import { type Service, startPostgres } from '../support/services.ts';

const PASSWORD = 'marked-password-1f9';
let postgres: Service;
let admin: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres({ password: PASSWORD });
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query("create table tasks (state text); insert into tasks values ('lost'), ('done'), ('lost')");
});
afterAll(async () => {
  await admin?.end();
  await postgres?.stop();
});

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

function probing(query: string, { url = postgres.url, timeoutMs = 10_000 } = {}): Probe {
  const spec: ProbeSpec = {
    name: 'tasks',
    kind: 'postgres',
    url: '${DATABASE_URL}',
    query,
    everyMs: 1000,
    timeoutMs,
    windowMs: 10_000,
    expect: [],
  };
  const probe = createProbe(spec, { environment: { DATABASE_URL: url }, allowed: ['DATABASE_URL'] });
  ending.push(() => probe.close());
  return probe;
}

const measure = (probe: Probe) => probe.measure(new AbortController().signal);

async function connections(): Promise<number> {
  const { rows } = await admin.query(
    "select count(*)::int as n from pg_stat_activity where application_name = 'faultline-probe'",
  );
  return rows[0].n;
}

async function sleeping(): Promise<number> {
  const { rows } = await admin.query(
    "select count(*)::int as n from pg_stat_activity where state = 'active' and wait_event = 'PgSleep'",
  );
  return rows[0].n;
}

describe('a postgres probe', () => {
  test.each([
    ['a count', "select count(*) from tasks where state = 'lost'", 2],
    ['the first column of the first row', 'select * from (values (7, 8), (9, 10)) as v', 7],
    ['a decimal', 'select 1.25', 1.25],
    ['true as 1', 'select true', 1],
    ['no value of an empty result', 'select 1 where false', undefined],
    ['no value of text', "select 'text'", undefined],
    ['no value of null', 'select null', undefined],
    ['the first of several statements', 'select 3; select 4', 3],
  ])('reads %s', async (_, query, value) => {
    const sample = await measure(probing(query));
    expect(sample.ok).toBe(true);
    expect(sample.value).toBe(value);
  });

  test('keeps one connection between measurements', async () => {
    const probe = probing('select pg_backend_pid()');
    const first = await measure(probe);
    expect((await measure(probe)).value).toBe(first.value);
    await expect.poll(connections, { timeout: 10_000 }).toBe(1);
  });

  test('gives measurements that overlap connections of their own, and keeps one of them', async () => {
    const probe = probing('select 1 from pg_sleep(0.2)');
    const samples = await Promise.all([measure(probe), measure(probe), measure(probe)]);
    expect(samples.every(({ ok }) => ok)).toBe(true);
    await expect.poll(connections, { timeout: 10_000 }).toBe(1);
  });

  test('connects again after its connection was killed', async () => {
    const probe = probing('select pg_backend_pid()');
    const { value } = await measure(probe);
    await admin.query('select pg_terminate_backend($1)', [value]);
    await expect.poll(async () => (await measure(probe)).ok, { timeout: 10_000 }).toBe(true);
  });

  test('says that it was killed in mid-query', async () => {
    const probe = probing('select pg_sleep(20)', { timeoutMs: 15_000 });
    const sample = measure(probe);
    await expect.poll(sleeping, { timeout: 10_000 }).toBe(1);
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'faultline-probe'",
    );
    expect(await sample).toMatchObject({
      ok: false,
      reason: 'Postgres answered 57P01: the server ended the connection',
    });
  });

  test('fails at its time-out and leaves no query running on the server', async () => {
    const probe = probing('select pg_sleep(20)', { timeoutMs: 500 });
    const sample = await measure(probe);
    expect(sample).toMatchObject({ ok: false, reason: 'no answer within 500 ms' });
    expect(sample.ms).toBeLessThan(10_000);
    expect(await measure(probe)).toMatchObject({ reason: 'no answer within 500 ms' });
    await expect.poll(sleeping, { timeout: 10_000 }).toBe(0);
    await expect.poll(connections, { timeout: 10_000 }).toBe(0);
  });

  test.each([
    [
      'a refused password',
      () => postgres.url.replace(PASSWORD, 'wrong-pass-77'),
      'Postgres answered 28P01: the password was refused',
    ],
    [
      'a password that is asked for and not given',
      () => postgres.url.replace(`:${PASSWORD}@`, '@'),
      'Postgres asks for a password that the url does not have',
    ],
    [
      'a database that is not there',
      () => postgres.url.replace(/\/sandbox/, '/nowhere'),
      'Postgres answered 3D000: there is no such database',
    ],
    [
      'a port that nobody listens on',
      () => `postgres://user:${PASSWORD}@127.0.0.1:1/db`,
      'connection refused',
    ],
    [
      'what is no address',
      () => `postgres://user:${PASSWORD}@127.0.0.1:port/db`,
      'the url is not a valid Postgres address',
    ],
  ])('says why it failed for %s, and quotes no secret', async (_, url, reason) => {
    const sample = await measure(probing('select 1', { url: url() }));
    expect(sample).toMatchObject({ ok: false, reason });
    expect(JSON.stringify(sample)).not.toMatch(/marked-password|wrong-pass/);
  });

  test('says why a query failed, and quotes nothing of it', async () => {
    const table = await measure(probing("select 'stored-value' from no_such_table"));
    expect(table.reason).toBe('Postgres answered 42P01: the query names a table that does not exist');
    const cast = await measure(probing("select 'stored-value'::int"));
    expect(cast.reason).toBe('Postgres answered 22P02');
  });

  describe('on a server that accepts and says nothing', () => {
    let server: Server;
    const sockets = new Set<Socket>();
    beforeAll(async () => {
      server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        socket.resume();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    afterAll(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    test('fails at its time-out and closes the connection', async () => {
      const url = `postgres://user@127.0.0.1:${(server.address() as AddressInfo).port}/db`;
      expect(await measure(probing('select 1', { url, timeoutMs: 200 }))).toMatchObject({
        ok: false,
        reason: 'no answer within 200 ms',
      });
      await expect.poll(() => sockets.size, { timeout: 10_000 }).toBe(0);
    });
  });
});

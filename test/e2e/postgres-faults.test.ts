import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failure, type PostgresStage, postgresStage } from '../proxy/postgres/stage.ts';
import { until } from '../support/until.ts';

let it: PostgresStage;
let client: pg.Client;
beforeAll(async () => {
  it = await postgresStage();
  const direct = await it.direct();
  await direct.query('create table notes (id int primary key, text text)');
});
afterAll(() => it.close());
beforeEach(async () => {
  const direct = await it.direct();
  await direct.query(
    "truncate notes; insert into notes select n, 'note ' || n from generate_series(1, 100) n",
  );
  await direct.end();
  client = await it.client();
});
afterEach(async () => {
  it.takeBack();
  await it.hangUp();
});

const CONFLICT = { type: 'pg_error', attributes: { sqlstate: '40001' } } as const;

/** The ways in which a driver sends one statement. */
const WAYS: readonly (readonly [string, (sql: string) => pg.QueryConfig & { queryMode?: string }])[] = [
  ['simple', (text) => ({ text })],
  ['extended', (text) => ({ text, queryMode: 'extended' })],
  ['prepared by name', (text) => ({ text, name: text })],
];

const one = async (text: string, values: unknown[] = []) =>
  Object.values((await client.query({ text, values, rowMode: 'array' })).rows[0] ?? [])[0];
const counted = async () => {
  const direct = await it.direct();
  const { rows } = await direct.query('select count(*)::int as n from notes');
  await direct.end();
  return rows[0].n as number;
};

describe.each(WAYS)('a %s statement', (_, as) => {
  test('that fails by pg_error has the error, and the next has its own result', async () => {
    const slow = as('select 1 as a');
    expect((await client.query(slow)).rows).toEqual([{ a: 1 }]);
    it.put({ ...CONFLICT, match: { every: 2 } });
    for (let round = 0; round < 5; round++) {
      expect(await failure(client.query(slow))).toMatchObject({
        code: '40001',
        severity: 'ERROR',
        message: 'could not serialize access due to concurrent update',
      });
      expect((await client.query(slow)).rows).toEqual([{ a: 1 }]);
      it.put({ ...CONFLICT, match: { every: 2 } });
    }
    it.takeBack();
    expect((await client.query(slow)).rows).toEqual([{ a: 1 }]);
  });

  test('that fails in a transaction fails it on the server too', async () => {
    await client.query('begin');
    await client.query('insert into notes values (1001)');
    it.put({ ...CONFLICT, match: { sql: '^insert' } });
    expect((await failure(client.query(as('insert into notes values (1002)')))).code).toBe('40001');
    expect((await failure(client.query(as('select 1')))).code).toBe('25P02');
    expect((await client.query('commit')).command).toBe('ROLLBACK');
    expect(await counted()).toBe(100);
    expect(await one('select 7')).toBe(7);
    expect(it.counts()).toMatchObject({ matched: 1, injected: 1 });
  });

  test('that commits and fails leaves no transaction open', async () => {
    await client.query('begin');
    await client.query('insert into notes values (1001)');
    it.put({ ...CONFLICT, match: { command: 'COMMIT' } });
    expect((await failure(client.query(as('commit')))).code).toBe('40001');
    expect(await counted()).toBe(100);
    expect(await one('select pg_current_xact_id_if_assigned() is null')).toBe(true);
    await client.query('insert into notes values (1002)');
    expect(await counted()).toBe(101);
  });

  test('that writes is refused by pg_read_only, and one that reads is not', async () => {
    it.put({ type: 'pg_read_only' });
    expect(await failure(client.query(as("update notes set text = 'x'")))).toMatchObject({
      code: '25006',
      message: 'cannot execute UPDATE in a read-only transaction',
    });
    expect((await client.query(as('select count(*)::int as n from notes'))).rows).toEqual([{ n: 100 }]);
    expect(await one("select count(*)::int from notes where text = 'x'")).toBe(0);
  });

  test('is delayed by pg_latency, and goes on at once when that is taken back', async () => {
    it.put({ type: 'pg_latency', attributes: { latency: 150 } });
    const began = performance.now();
    expect((await client.query(as('select 1 as a'))).rows).toEqual([{ a: 1 }]);
    expect(performance.now() - began).toBeGreaterThan(140);
    it.put({ type: 'pg_latency', attributes: { latency: '5m' } });
    const held = client.query(as('select 2 as a'));
    await until('it is held', () => it.seen().held.open === 1);
    it.takeBack();
    expect((await held).rows).toEqual([{ a: 2 }]);
    expect(it.seen().held.open).toBe(0);
  });

  test('is killed by pg_kill as by an administrator, and its transaction is rolled back', async () => {
    await client.query('begin');
    await client.query('delete from notes');
    it.put({ type: 'pg_kill' });
    expect(await failure(client.query(as('select 1')))).toMatchObject({ code: '57P01', severity: 'FATAL' });
    it.takeBack();
    const other = await it.client();
    expect((await other.query('select count(*)::int as n from notes')).rows).toEqual([{ n: 100 }]);
  });

  test('is done although pg_lost_ack takes its answer', async () => {
    it.put({ type: 'pg_lost_ack' });
    expect((await failure(client.query(as('insert into notes values (1001)')))).message).toMatch(
      /ECONNRESET|Connection terminated/,
    );
    expect(await counted()).toBe(101);
    expect(it.counts()).toMatchObject({ matched: 1, injected: 1 });
  });
});

describe('pg_lost_ack', () => {
  test('lets a whole transaction be committed whose client is told nothing', async () => {
    it.put({ type: 'pg_lost_ack' });
    await client.query('begin');
    await client.query('insert into notes values (1001)');
    await client.query('insert into notes values (1002)');
    expect(await failure(client.query('commit'))).toBeInstanceOf(Error);
    expect(await counted()).toBe(102);
    expect(it.counts()).toMatchObject({ matched: 1, injected: 1 });
  });

  test('tells of a statement that failed by itself, and the next has its own result', async () => {
    it.put({ type: 'pg_lost_ack' });
    expect((await failure(client.query('insert into notes values (1)'))).code).toBe('23505');
    expect(await one('select 7')).toBe(7);
    expect(it.counts()).toMatchObject({ injected: 0, skipped: { 'failed by itself': 1 } });
  });
});

describe('a pipeline', () => {
  let pipelined: pg.Client;
  beforeEach(async () => {
    pipelined = await it.client({ pipeline: true } as pg.ClientConfig);
  });

  test('whose statements fail one by one gives each its own result', async () => {
    it.put({ ...CONFLICT, toxicity: 0.4, match: { sql: 'id' } });
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        pipelined.query(`select $1::int as id`, [index]).then(({ rows }) => rows[0].id as number),
      ),
    );
    const failed = results.filter(({ status }) => status === 'rejected').length;
    expect(failed).toBe(it.counts().injected);
    expect(failed).toBeGreaterThan(5);
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') expect(result.value).toBe(index);
      else expect(result.reason.code).toBe('40001');
    }
  });

  test('mixed of simple, extended and prepared statements stays in step', async () => {
    it.put({ ...CONFLICT, match: { every: 3 } });
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => {
        const query =
          index % 4 === 0
            ? { text: `select ${index} as id` }
            : index % 4 === 1
              ? { text: 'select $1::int as id', values: [index] }
              : { text: 'select $1::int + 0 as id', values: [index], name: 'named' };
        return pipelined.query(query).then(({ rows }) => rows[0].id as number);
      }),
    );
    for (const [index, result] of results.entries()) {
      if (index % 3 === 0) expect(result).toMatchObject({ status: 'rejected', reason: { code: '40001' } });
      else expect(result).toEqual({ status: 'fulfilled', value: index });
    }
    it.takeBack();
    expect((await pipelined.query('select 9 as id')).rows).toEqual([{ id: 9 }]);
  });
});

describe('faults that come and go', () => {
  test('while statements run leave each its own result', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => it.client()));
    let over = false;
    let failures = 0;
    let results = 0;
    const work = clients.map(async (own, seed) => {
      for (let round = 0; !over; round++) {
        const wanted = seed * 1_000_000 + round;
        const query =
          round % 2 ? { text: `select ${wanted} as n` } : { text: 'select $1::int as n', values: [wanted] };
        const got = await own.query(query).then(
          ({ rows }) => rows[0].n as number,
          (error) => error.code as string,
        );
        if (got === '40001') failures++;
        else if (got === wanted) results++;
        else throw new Error(`got ${got} for ${wanted}`);
      }
    });
    for (let swap = 0; swap < 40; swap++) {
      if (swap % 2) it.takeBack();
      else
        it.put({ ...CONFLICT, toxicity: 0.5 }, { type: 'pg_latency', attributes: { latency: 1, jitter: 1 } });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    over = true;
    await Promise.all(work);
    expect(failures).toBeGreaterThan(10);
    expect(results).toBeGreaterThan(10);
  });
});

describe('a new connection', () => {
  test('beyond pg_connection_limit is refused as by a full server, and let in when one has gone', async () => {
    it.put({ type: 'pg_connection_limit', attributes: { max: 1 } });
    expect(await failure(it.client())).toMatchObject({
      code: '53300',
      severity: 'FATAL',
      message: 'sorry, too many clients already',
    });
    await client.end();
    await until('its place is free', () => it.plane.connections().length === 0);
    client = await it.client();
    expect(await one('select 7')).toBe(7);
  });

  test.each([
    ['57P03', 'the database system is starting up'],
    ['28P01', 'password authentication failed for user "USER"'],
  ])('fails at its start-up with %s', async (sqlstate, message) => {
    it.put({ type: 'pg_error', attributes: { sqlstate, at: 'startup' } });
    expect(await failure(it.client())).toMatchObject({
      code: sqlstate,
      severity: 'FATAL',
      message: message.replace('USER', it.user),
    });
    expect(await one('select 7')).toBe(7);
    expect(it.seen().status).toMatchObject({ [sqlstate]: { organic: 0, injected: 1 } });
  });

  test('to a database that is not there is an organic error of the proxy', async () => {
    it.put({ type: 'pg_latency' });
    const error = await failure(it.client({ connectionString: it.url.replace(/\/\w+$/, '/nowhere') }));
    expect(error.code).toBe('3D000');
    expect(it.seen().status).toMatchObject({ '3D000': { organic: 1, injected: 0 } });
  });
});

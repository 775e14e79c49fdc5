import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { extended, message, SYNC } from '../protocols/postgres/wire.ts';
import { cancel, rawOf } from '../proxy/postgres/raw.ts';
import { failure, type PostgresStage, postgresStage } from '../proxy/postgres/stage.ts';
import { until } from '../support/until.ts';

let it: PostgresStage;
beforeAll(async () => {
  it = await postgresStage();
  const direct = await it.direct();
  await direct.query('create table t (a int primary key)');
  await direct.end();
});
afterAll(() => it.close());
afterEach(async () => {
  it.takeBack();
  await it.hangUp();
});

const CONFLICT = {
  type: 'pg_error',
  attributes: { sqlstate: '22012', message: 'division by zero' },
} as const;
/** What really fails so, not before it is executed, and what the fault makes fail so. */
const FAILS = 'select 1 / (0 * random())::int as hit';
const HIT = 'select 1 as hit';

/** What the server itself answers to these messages, and what comes through the proxy while a fault makes them fail. */
async function both(
  messages: (failing: string) => readonly Buffer[],
  readies: number,
  prepare: string[] = [],
): Promise<{ readonly server: readonly string[]; readonly proxy: readonly string[] }> {
  const ask = async (client: pg.Client, failing: string) => {
    const raw = rawOf(client);
    raw.send(...messages(failing));
    return raw.answer('Z', readies);
  };
  const prepared = async (client: pg.Client) => {
    for (const sql of prepare) await client.query(sql);
    return client;
  };
  const server = await ask(await prepared(await it.direct()), FAILS);
  const client = await prepared(await it.client());
  it.put({ ...CONFLICT, match: { sql: 'hit' } });
  return { server, proxy: await ask(client, HIT) };
}

/** Whether the columns of a simple query are described before it fails depends on where in its work it fails. */
const letters = (answers: readonly string[]) => answers.filter((answer) => answer[0] !== 'T');
const bound = (sql: string) => extended(sql).filter((part) => part[0] !== 'D'.charCodeAt(0));

describe('what fails by a fault is answered as the server answers what fails by itself', () => {
  test.each<[string, (failing: string) => readonly Buffer[], number, string[]?]>([
    ['a simple query', (sql) => [message('Q', sql)], 1],
    [
      'several queries at once',
      (sql) => [message('Q', 'select 2'), message('Q', sql), message('Q', 'select 3')],
      3,
    ],
    [
      'the middle of a pipeline with one Sync',
      (sql) => [...bound('select 2'), ...bound(sql), ...bound('select 3'), SYNC],
      1,
    ],
    [
      'the middle of a pipeline with a Sync for each',
      (sql) => [...bound('select 2'), SYNC, ...bound(sql), SYNC, ...bound('select 3'), SYNC],
      3,
    ],
    [
      'a batch with Describe and Close behind the statement',
      (sql) => [
        ...bound(sql),
        message('D', Buffer.from('P'), ''),
        message('C', Buffer.from('P'), ''),
        message('C', Buffer.from('S'), 'nobody'),
        message('H'),
        SYNC,
        message('Q', 'select 4'),
      ],
      2,
    ],
    [
      'a simple query inside a batch that failed',
      (sql) => [...bound(sql), message('Q', 'select 5'), SYNC, message('Q', 'select 6')],
      2,
    ],
    [
      'a query in a transaction',
      (sql) => [message('Q', sql), message('Q', 'select 2'), message('Q', 'rollback')],
      3,
      ['begin'],
    ],
    [
      'a pipeline in a transaction',
      (sql) => [...bound(sql), SYNC, ...bound('select 2'), SYNC, ...bound('rollback'), SYNC],
      3,
      ['begin'],
    ],
    [
      'a pipeline in a transaction that is committed all the same',
      (sql) => [message('Q', 'insert into t values (1)'), ...bound(sql), SYNC, message('Q', 'commit')],
      3,
      ['begin'],
    ],
    [
      'a statement behind a savepoint',
      (sql) => [message('Q', sql), message('Q', 'rollback to s'), message('Q', 'select 2')],
      3,
      ['begin', 'savepoint s'],
    ],
    [
      'a named statement that is described',
      (sql) => [
        message('P', 'n', sql, Buffer.alloc(2)),
        message('D', Buffer.from('S'), 'n'),
        message('B', '', 'n', Buffer.alloc(6)),
        message('E', '', 0),
        SYNC,
      ],
      1,
    ],
  ])('%s', async (_, messages, readies, prepare) => {
    const { server, proxy } = await both(messages, readies, prepare);
    expect(letters(proxy)).toEqual(letters(server));
    expect(server.join()).toContain('E 22012 division by zero');
    expect(it.counts().injected).toBe(1);
  });
});

describe('by hand', () => {
  test('a query of several statements fails whole, and does nothing', async () => {
    const raw = rawOf(await it.client());
    it.put({ ...CONFLICT, match: { command: 'SELECT' } });
    raw.send(message('Q', 'insert into t values (7); select 1; insert into t values (8)'));
    expect(await raw.answer()).toEqual(['E 22012 division by zero', 'Z I']);
    it.takeBack();
    raw.send(message('Q', 'select count(*) from t'));
    expect(await raw.answer()).toContain('C SELECT 1');
    const direct = await it.direct();
    expect((await direct.query('select * from t')).rows).toEqual([]);
  });

  test('a Flush brings the error without a Sync, and all is discarded up to that', async () => {
    const raw = rawOf(await it.client());
    it.put({ ...CONFLICT, match: { sql: 'hit' } });
    raw.send(...bound(HIT), message('H'));
    expect(await raw.answer('E')).toEqual(['1', '2', 'E 22012 division by zero']);
    raw.send(...bound('select 2'), message('H'));
    raw.send(SYNC);
    expect(await raw.answer()).toEqual(['Z I']);
    raw.send(...bound('select 3'), message('H'));
    expect((await raw.answer('C')).at(-1)).toBe('C SELECT 1');
    raw.send(SYNC);
    expect(await raw.answer()).toEqual(['Z I']);
  });

  test('a portal that is suspended is one unit for each Execute', async () => {
    const raw = rawOf(await it.client());
    it.put({ ...CONFLICT, match: { sql: 'generate', after: 1, first: 1 } });
    const fetch = (rows: number) => message('E', 'p', rows);
    raw.send(message('Q', 'begin'));
    await raw.answer();
    raw.send(
      message('P', '', 'select generate_series(1, 5)', Buffer.alloc(2)),
      message('B', 'p', '', Buffer.alloc(6)),
      fetch(2),
      message('H'),
    );
    expect((await raw.answer('s')).filter((text) => text.startsWith('D'))).toHaveLength(2);
    raw.send(fetch(2), SYNC);
    expect(await raw.answer()).toEqual(['E 22012 division by zero', 'Z E']);
    raw.send(message('Q', 'rollback'));
    expect(await raw.answer()).toEqual(['C ROLLBACK', 'Z I']);
    expect(it.counts()).toMatchObject({ matched: 2, injected: 1 });
    expect(it.seen().units).toBe(4);
  });

  test('rows that come portal by portal are all there where a fault only delays', async () => {
    const raw = rawOf(await it.client());
    it.put({ type: 'pg_latency', attributes: { latency: 5 } });
    raw.send(
      message('P', '', 'select generate_series(1, 5)', Buffer.alloc(2)),
      message('B', 'p', '', Buffer.alloc(6)),
      message('E', 'p', 2),
      message('E', 'p', 2),
      message('E', 'p', 2),
      SYNC,
    );
    const answer = await raw.answer();
    expect(answer.map((text) => text[0]).join('')).toBe('12DDsDDsDCZ');
  });

  describe('a function call', () => {
    const call = (oid: number) =>
      Buffer.from([...four(oid), 0, 1, 0, 1, 0, 1, ...four(4), ...four(-7), 0, 1]);
    const abs = async () => {
      const direct = await it.direct();
      const { rows } = await direct.query("select 'abs(int4)'::regprocedure::oid::int as oid");
      return message('F', call(rows[0].oid));
    };

    test('passes, and is delayed', async () => {
      const raw = rawOf(await it.client());
      const absolute = await abs();
      it.put({ type: 'pg_latency', attributes: { latency: 20 } });
      raw.send(absolute, message('Q', 'select 1'));
      expect((await raw.answer('Z', 2)).map((text) => text[0]).join('')).toBe('VZTDCZ');
      expect(it.counts().injected).toBe(2);
    });

    test('fails, also in a transaction', async () => {
      const raw = rawOf(await it.client());
      const absolute = await abs();
      it.put(CONFLICT);
      raw.send(absolute);
      expect(await raw.answer()).toEqual(['E 22012 division by zero', 'Z I']);
      it.takeBack();
      raw.send(message('Q', 'begin'));
      await raw.answer();
      it.put({ ...CONFLICT, match: { first: 1 } });
      raw.send(absolute, absolute, message('Q', 'rollback'));
      const answer = await raw.answer('Z', 3);
      expect(answer.map((text) => text.slice(0, 7))).toEqual([
        'E 22012',
        'Z E',
        'E 25P02',
        'Z E',
        'C ROLLB',
        'Z I',
      ]);
    });
  });

  test('a client that resets while its statement is held is let go with it', async () => {
    const raw = rawOf(await it.client());
    it.put({ type: 'pg_latency', attributes: { latency: '5m' } });
    raw.send(message('Q', 'select 1'));
    await until('it is held', () => it.seen().held.open === 1);
    raw.socket.resetAndDestroy();
    it.takeBack();
    await until('its connection is gone', () => it.plane.connections().length === 0);
    expect(it.seen()).toMatchObject({ held: { open: 0 }, connections: { open: 0 } });
  });
});

describe('a cancellation', () => {
  test('of a statement that pg_latency still holds changes nothing: the server has not got it', async () => {
    const client = await it.client();
    it.put({ type: 'pg_latency', attributes: { latency: '5m' } });
    const held = client.query('select 7 as n');
    await until('it is held', () => it.seen().held.open === 1);
    await cancel(it.address, client);
    expect(it.seen().held.open).toBe(1);
    it.takeBack();
    expect((await held).rows).toEqual([{ n: 7 }]);
  });

  test('of a statement that was let go ends it, while others are held', async () => {
    const client = await it.client();
    const other = await it.client();
    it.put({ type: 'pg_latency', attributes: { latency: '5m' }, match: { sql: 'held' } });
    const asleep = failure(client.query('select pg_sleep(60)'));
    const held = other.query("select 'held' as n");
    await until('it is held', () => it.seen().held.open === 1);
    const direct = await it.direct();
    await until('it sleeps', async () => {
      const { rows } = await direct.query("select 1 from pg_stat_activity where wait_event = 'PgSleep'");
      return rows.length === 1;
    });
    await cancel(it.address, client);
    expect(await asleep).toMatchObject({ code: '57014', message: 'canceling statement due to user request' });
    expect((await client.query('select 8 as n')).rows).toEqual([{ n: 8 }]);
    it.takeBack();
    expect((await held).rows).toEqual([{ n: 'held' }]);
  });
});

describe('pg_read_only', () => {
  test.each([
    'insert into t values (1)',
    'with a as (select 1 as b) insert into t select b from a',
    'with a as (delete from t returning 1) select * from a',
    'select a into u from t',
    'select * from t for no key update',
    'explain analyze insert into t values (1)',
    'execute fill(1)',
    'create table u (a int)',
    'create table u as select 1',
    'truncate t',
    'copy t from stdin',
    'do $$ begin insert into t values (1); end $$',
    "comment on table t is 'x'",
    'drop table t',
    'grant select on t to public',
    'create index on t (a)',
    'refresh materialized view m',
  ])('refuses %s in the words of a server that is read-only', async (sql) => {
    const [direct, client] = [await it.direct(), await it.client()];
    for (const each of [direct, client]) await each.query('prepare fill (int) as insert into t values ($1)');
    await direct.query('set default_transaction_read_only = on');
    const real = await failure(direct.query(sql));
    it.put({ type: 'pg_read_only' });
    expect(await failure(client.query(sql))).toMatchObject({
      code: '25006',
      message: real.message,
      severity: real.severity,
    });
    expect(real.code).toBe('25006');
  });

  test.each([
    'select 1',
    'do $$ begin perform 1; end $$',
    'explain insert into t values (1)',
    'copy t to stdout',
    'prepare later as insert into t values (1)',
    'set application_name = x',
    'discard all',
  ])('lets %s pass, as such a server does', async (sql) => {
    const direct = await it.direct();
    await direct.query('set default_transaction_read_only = on');
    const client = await it.client();
    it.put({ type: 'pg_read_only' });
    await direct.query(sql);
    await client.query(sql);
    expect(it.counts().matched).toBe(0);
  });
});

describe('pg_lost_ack', () => {
  test.each([
    'with a as (select 501 as b) insert into t select b from a',
    'with a as (insert into t values (501) returning 1) select * from a',
    'explain analyze insert into t values (501)',
    'execute fill(501)',
    'do $$ begin insert into t values (501); end $$',
    'insert into t values (501) returning a',
    'select 1; insert into t values (501)',
  ])('lets %s take place, and says nothing of it', async (sql) => {
    const client = await it.client();
    await client.query('prepare fill (int) as insert into t values ($1)');
    it.put({ type: 'pg_lost_ack' });
    expect((await failure(client.query(sql))).message).toMatch(/ECONNRESET|Connection terminated/);
    expect(it.counts()).toMatchObject({ matched: 1, injected: 1 });
    const direct = await it.direct();
    expect((await direct.query('delete from t where a = 501')).rowCount).toBe(1);
  });

  test('cannot tell a function that writes from one that reads, and leaves both alone', async () => {
    const direct = await it.direct();
    await direct.query(
      "create function fill() returns int language sql as 'insert into t values (502) returning a'",
    );
    const client = await it.client();
    it.put({ type: 'pg_lost_ack' });
    expect((await client.query('select fill() as a')).rows).toEqual([{ a: 502 }]);
    expect(it.counts().matched).toBe(0);
    await direct.query('delete from t where a = 502');
  });
});

function four(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return [...bytes];
}

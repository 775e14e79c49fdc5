import { describe, expect, test } from 'vitest';
import { pgReadOnly } from '../../src/faults/pg_read_only.ts';
import { complete, message, ready, SYNC } from '../protocols/postgres/wire.ts';
import { playSession } from '../proxy/postgres/play.ts';

describe('pg_read_only', () => {
  test.each([
    ['insert into t values (1)', 'INSERT'],
    ['select 1; delete from t', 'DELETE'],
    ['create table t (a int)', 'CREATE TABLE'],
    ['select * from t for update', 'SELECT FOR UPDATE'],
    ['copy t from stdin', 'COPY FROM'],
    ['with a as (select 1) insert into t select * from a', 'INSERT'],
    ['select a into b from t', 'SELECT INTO'],
    ['explain analyze insert into t values (1)', 'INSERT'],
    ['do $$ begin delete from t; end $$', 'DELETE'],
  ])('refuses %s as a replica does', (sql, command) => {
    const it = playSession();
    const [fault] = it.put({ type: 'pg_read_only' });
    it.client(message('Q', sql));
    expect(it.toClient()).toEqual([`E 25006 cannot execute ${command} in a read-only transaction`, 'Z I']);
    expect(fault!.counts.injected).toBe(1);
  });

  test.each(['select 1', 'begin', 'commit', 'show all', 'copy t to stdout', 'select f()', 'call p()'])(
    'leaves %s alone, unnumbered',
    (sql) => {
      const it = playSession();
      const [fault] = it.put({ type: 'pg_read_only' });
      it.client(message('Q', sql));
      expect(it.toServer()).toEqual([`Q ${sql}`]);
      expect(fault!.counts.matched).toBe(0);
    },
  );

  test.each([
    ['while it is in force', true],
    ['before it came', false],
  ])('knows what EXECUTE writes that was prepared by SQL %s', (_, before) => {
    const it = playSession();
    const prepare = () => {
      it.client(message('Q', 'prepare fill (int) as insert into t values ($1)'));
      it.server(complete('PREPARE'), ready('I'));
    };
    if (!before) prepare();
    const [fault] = it.put({ type: 'pg_read_only' });
    if (before) prepare();
    it.toClient();
    it.client(message('Q', 'execute fill(1)'));
    expect(it.toClient()).toEqual(['E 25006 cannot execute INSERT in a read-only transaction', 'Z I']);
    it.client(message('Q', 'deallocate fill'));
    it.server(complete('DEALLOCATE'), ready('I'));
    it.client(message('Q', 'execute fill(1)'));
    expect(fault!.counts.matched).toBe(1);
  });

  test('knows what a portal writes whose statement was prepared by SQL', () => {
    const it = playSession();
    it.client(message('Q', 'prepare fill as insert into t values (1)'));
    it.server(complete('PREPARE'), ready('I'));
    const [fault] = it.put({ type: 'pg_read_only' });
    it.client(message('B', '', 'fill', Buffer.alloc(6)), message('E', '', 0), SYNC);
    expect(fault!.counts.matched).toBe(1);
  });

  test('explains itself', () => {
    expect(pgReadOnly.explain({})).toBe(
      'refuse each statement that writes with SQLSTATE 25006, as a replica does',
    );
  });
});

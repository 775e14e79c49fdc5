import { describe, expect, test } from 'vitest';
import { pgReadOnly } from '../../src/faults/pg_read_only.ts';
import { message } from '../protocols/postgres/wire.ts';
import { playSession } from '../proxy/postgres/play.ts';

describe('pg_read_only', () => {
  test.each([
    ['insert into t values (1)', 'INSERT'],
    ['select 1; delete from t', 'DELETE'],
    ['create table t (a int)', 'CREATE TABLE'],
    ['select * from t for update', 'SELECT FOR UPDATE'],
    ['copy t from stdin', 'COPY FROM'],
  ])('refuses %s as a replica does', (sql, command) => {
    const it = playSession();
    const [fault] = it.put({ type: 'pg_read_only' });
    it.client(message('Q', sql));
    expect(it.toClient()).toEqual([`E 25006 cannot execute ${command} in a read-only transaction`, 'Z I']);
    expect(fault!.counts.injected).toBe(1);
  });

  test.each(['select 1', 'begin', 'commit', 'show all', 'copy t to stdout'])(
    'leaves %s alone, unnumbered',
    (sql) => {
      const it = playSession();
      const [fault] = it.put({ type: 'pg_read_only' });
      it.client(message('Q', sql));
      expect(it.toServer()).toEqual([`Q ${sql}`]);
      expect(fault!.counts.matched).toBe(0);
    },
  );

  test('explains itself', () => {
    expect(pgReadOnly.explain({})).toBe(
      'refuse each statement that writes with SQLSTATE 25006, as a replica does',
    );
  });
});

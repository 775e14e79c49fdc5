import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStatements } from '../../../src/protocols/postgres/sql.ts';

/** Each statement as `COMMAND`, or `COMMAND! NAME` where a read-only server refuses it by that name. */
function told(sql: string): string {
  return readStatements(sql)
    .map(({ command, refused }) => (refused ? `${command}! ${refused}` : command))
    .join(', ');
}

describe('the commands of a text', () => {
  test.each([
    ['select 1', 'SELECT'],
    ['  SELECT 1;', 'SELECT'],
    ['values (1)', 'SELECT'],
    ['table notes', 'SELECT'],
    ['(select 1) union (select 2)', 'SELECT'],
    ['', ''],
    [';;', ''],
    ['-- insert\nselect 1', 'SELECT'],
    ['/* insert /* nested */ update */ select 1', 'SELECT'],
    ["select ';insert into t'", 'SELECT'],
    ["select E'it\\'s; delete'; commit", 'SELECT, COMMIT'],
    ["select 'it''s; delete'", 'SELECT'],
    ['select ";drop" from t', 'SELECT'],
    ['select $$;drop table t$$, $x$ $$ ;drop $x$', 'SELECT'],
    ['select $1; select 2', 'SELECT, SELECT'],
    ['begin; insert into t values (1); commit', 'BEGIN, INSERT! INSERT, COMMIT'],
    ['start transaction read only', 'START TRANSACTION'],
    ['END', 'COMMIT'],
    ['abort', 'ROLLBACK'],
    ['rollback', 'ROLLBACK'],
    ['rollback to savepoint a', 'ROLLBACK TO'],
    ["commit prepared 'a'", 'COMMIT PREPARED'],
    ["prepare transaction 'a'", 'PREPARE TRANSACTION'],
    ['prepare a as select 1', 'PREPARE'],
    ['show server_version', 'SHOW'],
    ['set a = 1', 'SET'],
    ['vacuum t', 'VACUUM'],
    ['update t set a = 1', 'UPDATE! UPDATE'],
    ['delete from t', 'DELETE! DELETE'],
    ['merge into t using s on true when matched then delete', 'MERGE! MERGE'],
    ['truncate t', 'TRUNCATE TABLE! TRUNCATE TABLE'],
    ['with a as (select 1) select * from a', 'SELECT'],
    ['with a as (select 1) insert into t select * from a', 'INSERT! INSERT'],
    ['with a as (delete from t returning *) select * from a', 'SELECT! SELECT'],
    ['select * from t for update', 'SELECT! SELECT FOR UPDATE'],
    ['select * from t for no key update skip locked', 'SELECT! SELECT FOR NO KEY UPDATE'],
    ['select * from (select * from t for share) s', 'SELECT! SELECT FOR SHARE'],
    ['select a into b from t', 'SELECT! SELECT INTO'],
    ["select nextval('s')", 'SELECT! nextval()'],
    ['select substring(a for 3) from t', 'SELECT'],
    ['copy t from stdin', 'COPY! COPY FROM'],
    ['copy t to stdout', 'COPY'],
    ['copy (select * from t) to stdout', 'COPY'],
    ['create table t (a int)', 'CREATE TABLE! CREATE TABLE'],
    ['create table t as select 1', 'CREATE TABLE AS! CREATE TABLE AS'],
    ['create temp table t (a int)', 'CREATE TABLE! CREATE TABLE'],
    ['create unique index i on t (a)', 'CREATE INDEX! CREATE INDEX'],
    [
      'create or replace function f() returns int as $$ begin; end $$ language sql',
      'CREATE FUNCTION! CREATE FUNCTION',
    ],
    ['create materialized view v as select 1', 'CREATE MATERIALIZED VIEW! CREATE MATERIALIZED VIEW'],
    ['alter table t add b int', 'ALTER TABLE! ALTER TABLE'],
    ['drop foreign data wrapper w', 'DROP FOREIGN DATA WRAPPER! DROP FOREIGN DATA WRAPPER'],
    ['create user u', 'CREATE ROLE! CREATE ROLE'],
    ['refresh materialized view v', 'REFRESH MATERIALIZED VIEW! REFRESH MATERIALIZED VIEW'],
    ['grant select on t to u', 'GRANT! GRANT'],
    ["comment on table t is 'x'", 'COMMENT! COMMENT'],
    ['explain insert into t values (1)', 'EXPLAIN'],
    ['explain (analyze) insert into t values (1)', 'EXPLAIN! INSERT'],
    ['explain analyze select 1', 'EXPLAIN'],
    ['explain analyze with a as (delete from t returning 1) select 1', 'EXPLAIN! SELECT'],
    ['execute a', 'EXECUTE'],
    ['call p()', 'CALL'],
    ['select f()', 'SELECT'],
    ['do $$ begin insert into t values (1); end $$', 'DO! INSERT'],
    ["do language plpgsql 'begin update t set a = ''x''; end'", 'DO! UPDATE'],
    ['do $x$ begin perform 1 from t for update; end $x$', 'DO'],
    ["do $$ begin raise notice 'insert into t'; end $$", 'DO'],
    ['do $$ begin truncate t; end', 'DO! TRUNCATE TABLE'],
  ])('%s', (sql, wanted) => {
    expect(told(sql)).toBe(wanted);
  });

  test.each([
    ['prepare Fill (int) as insert into t values ($1)', { does: 'prepare', name: 'fill' }],
    ['prepare "Fill ""it""" as select 1; select 2', { does: 'prepare', name: 'Fill "it"' }],
    ['execute FILL(1)', { does: 'execute', name: 'fill' }],
    ['explain analyze execute fill(1)', { does: 'execute', name: 'fill' }],
    ['deallocate fill', { does: 'forget', name: 'fill' }],
    ['deallocate prepare "all"', { does: 'forget', name: 'all' }],
    ['deallocate all', { does: 'forget', name: undefined }],
    ['discard all', { does: 'forget', name: undefined }],
    ['discard plans', undefined],
    ["prepare transaction 'a'", undefined],
    ['prepare', undefined],
  ])('%s uses a prepared statement', (sql, wanted) => {
    const { prepared } = readStatements(sql)[0]!;
    if (wanted) expect(prepared).toMatchObject(wanted);
    else expect(prepared).toBeUndefined();
  });

  test('tell what was prepared, up to its end', () => {
    const [statement] = readStatements('prepare a as insert into t values (1) ; select 2');
    expect(statement?.prepared).toMatchObject({ sql: ' insert into t values (1) ' });
  });

  test('are read of any text, in bounded time', () => {
    const pieces = [
      "'",
      '"',
      '$$',
      '$a$',
      '/*',
      '*/',
      '--',
      '\n',
      ';',
      '(',
      ')',
      'insert',
      'E',
      '\\',
      '1e',
      'do ',
      'prepare a as ',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (parts) => {
        expect(readStatements(parts.join('')).length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 300 },
    );
    for (const piece of pieces) readStatements(piece.repeat(16_384 / piece.length));
  });
});

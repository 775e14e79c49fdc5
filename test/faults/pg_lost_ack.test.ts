import { describe, expect, test } from 'vitest';
import { complete, extended, failed, message, ready, SYNC } from '../protocols/postgres/wire.ts';
import { playSession } from '../proxy/postgres/play.ts';

const LOSS = { type: 'pg_lost_ack' } as const;

describe('pg_lost_ack', () => {
  test('lets a commit take place, drops its answer and resets', () => {
    const it = playSession();
    const [fault] = it.put(LOSS);
    it.client(message('Q', 'begin'));
    it.server(complete('BEGIN'), ready('T'));
    it.client(message('Q', 'insert into t values (1)'));
    it.server(complete('INSERT 0 1'), ready('T'));
    it.toClient();
    it.client(message('Q', 'commit'));
    expect(it.toServer().at(-1)).toBe('Q commit');
    it.server(complete('COMMIT'));
    expect(it.state.closed).toBeUndefined();
    it.server(ready('I'));
    expect(it.toClient()).toEqual([]);
    expect(it.state.closed).toBe('rst');
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1 });
    it.session.closed();
    expect(it.meter.answers).toEqual(['ok', 'ok', 'error injected']);
  });

  test.each([
    ['a statement that writes by itself', [message('Q', 'insert into t values (1)')]],
    ['several in one query', [message('Q', 'insert into t values (1); select 1')]],
    ['one with parameters', [...extended('insert into t values ($1)'), SYNC]],
    [
      'the commit of a pipeline',
      [...extended('begin'), ...extended('select 1'), ...extended('commit'), SYNC],
    ],
  ])('acts on %s', (_, sent) => {
    const it = playSession();
    const [fault] = it.put(LOSS);
    it.client(...sent);
    it.server(complete('INSERT 0 1'), ready('I'));
    expect(it.state.closed).toBe('rst');
    expect(it.toClient()).toEqual([]);
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1 });
  });

  test.each([
    ['one that reads', [message('Q', 'select 1')]],
    ['a rollback', [message('Q', 'rollback')]],
    [
      'one that writes inside a transaction that is still on its way',
      [message('Q', 'begin'), message('Q', 'delete from t')],
    ],
  ])('leaves alone %s', (_, sent) => {
    const it = playSession();
    const [fault] = it.put(LOSS);
    it.client(...sent);
    expect(fault!.counts.matched).toBe(0);
  });

  test.each([
    ['simple', [message('Q', 'copy t from stdin')], []],
    ['extended', [...extended('copy t from stdin'), SYNC], [SYNC]],
  ])('lets a client copy in, and then loses the answer: %s', (_, begin, end) => {
    const it = playSession();
    const [fault] = it.put(LOSS);
    it.client(...begin);
    it.server(message('1'), message('2'), message('n'), message('G', Buffer.alloc(3)));
    expect(it.toClient().at(-1)).toBe('G');
    it.toServer();
    it.client(message('d', Buffer.from('1\n')), message('c'), ...end, message('Q', 'select 1'));
    expect(it.toServer()).toEqual(['d', 'c', ...end.map(() => 'S')]);
    it.server(complete('COPY 1'), ready('I'));
    expect(it.toClient()).toEqual([]);
    expect(it.state.closed).toBe('rst');
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1 });
  });

  test('tells of a copy that failed by itself, and goes on', () => {
    const it = playSession();
    it.put(LOSS);
    it.client(message('Q', 'copy t from stdin'));
    it.server(message('G', Buffer.alloc(3)));
    it.client(message('f', 'no more'));
    it.server(failed('57014', 'COPY from stdin failed'), ready('I'));
    expect(it.toClient()).toEqual(['G', 'E 57014 COPY from stdin failed', 'Z I']);
    it.client(message('Q', 'select 1'));
    expect(it.toServer().at(-1)).toBe('Q select 1');
  });

  test('sends nothing on that comes behind, until the answer is there', () => {
    const it = playSession();
    it.put(LOSS);
    it.client(...extended('insert into t values (1)'), SYNC, message('Q', 'select 2'));
    expect(it.toServer().at(-1)).toBe('S');
    it.server(message('1'), message('2'), message('n'), complete('INSERT 0 1'), ready('I'));
    expect(it.toServer()).toEqual([]);
  });

  test('gives back the whole answer, and goes on, when the statement failed by itself', () => {
    const it = playSession();
    const [fault] = it.put(LOSS);
    it.client(
      message('Q', 'insert into t values (1); insert into t values (oops)'),
      message('Q', 'select 2'),
    );
    it.server(complete('INSERT 0 1'));
    expect(it.toClient()).toEqual([]);
    it.server(failed('42703', 'no column'), ready('I'));
    expect(it.toClient()).toEqual(['C INSERT 0 1', 'E 42703 no column', 'Z I']);
    expect(it.toServer().at(-1)).toBe('Q select 2');
    it.server(complete('SELECT 1'), ready('I'));
    expect(it.toClient()).toEqual(['C SELECT 1', 'Z I']);
    expect(fault!.counts).toMatchObject({ injected: 0, skipped: { 'failed by itself': 1 } });
    expect(it.meter.answers).toEqual(['42703', 'ok']);
  });

  test('gives back what a client waits for that has not asked for its commit yet', () => {
    const it = playSession();
    const [fault] = it.put(LOSS);
    it.client(...extended('insert into t values (1)'));
    it.server(message('1'), message('2'));
    it.client(message('H'));
    it.server(message('n'), complete('INSERT 0 1'));
    expect(it.toClient()).toEqual(['1', '2', 'n', 'C INSERT 0 1']);
    expect(fault!.counts.skipped).toEqual({ 'flushed before its commit': 1 });
  });

  test('keeps no more than a little of a long answer', () => {
    const it = playSession();
    it.put(LOSS);
    it.client(message('Q', 'insert into t select * from u returning *'));
    const row = message('D', Buffer.alloc(50_000));
    for (let rows = 0; rows < 20; rows++) it.server(row);
    expect(it.bytesToClient()).toHaveLength(0);
    it.server(complete('INSERT 0 20'), ready('I'));
    expect(it.state.closed).toBe('rst');
  });
});

import { describe, expect, test } from 'vitest';
import { pgLatency } from '../../src/faults/pg_latency.ts';
import { complete, extended, message, ready, SYNC, startup } from '../protocols/postgres/wire.ts';
import { playSession } from '../proxy/postgres/play.ts';

const SLOW = { type: 'pg_latency', attributes: { latency: 100 } } as const;

describe('pg_latency', () => {
  test('holds a statement, and all that the client sends behind it', () => {
    const it = playSession();
    const [fault] = it.put(SLOW);
    it.client(message('Q', 'select 1'));
    it.client(message('H'), message('X'));
    it.clock.advance(99);
    expect(it.toServer()).toEqual([]);
    expect(it.meter.held).toBe(1);
    it.clock.advance(1);
    expect(it.toServer()).toEqual(['Q select 1', 'H', 'X']);
    expect(it.meter.held).toBe(0);
    expect(fault!.counts).toMatchObject({ matched: 1, injected: 1 });
  });

  test('delays each statement of a pipeline by itself', () => {
    const it = playSession();
    it.put(SLOW);
    it.client(...extended('select 1'), ...extended('select 2'), SYNC);
    expect(it.toServer()).toEqual(['P select 1', 'B', 'D P']);
    it.clock.advance(100);
    expect(it.toServer()).toEqual(['E', 'P select 2', 'B', 'D P']);
    it.clock.advance(100);
    expect(it.toServer()).toEqual(['E', 'S']);
  });

  test('leaves start-up, answers and statements that do not match alone', () => {
    const it = playSession({ fresh: true });
    it.put({ ...SLOW, match: { command: 'UPDATE' } });
    it.client(startup({ user: 'ada' }));
    expect(it.bytesToServer().length).toBeGreaterThan(0);
    it.server(ready('I'));
    it.client(message('Q', 'select 1'));
    it.server(complete('SELECT 1'), ready('I'));
    expect(it.toClient()).toEqual(['Z I', 'C SELECT 1', 'Z I']);
  });

  test('taken back lets go of everything in the same tick, in order', () => {
    const it = playSession();
    it.put(SLOW);
    it.client(message('Q', 'select 1'));
    it.client(message('Q', 'select 2'), message('Q', 'select 3').subarray(0, 9));
    it.session.clientEnd();
    expect(it.state.serverEnded).toBe(false);
    it.put();
    expect(it.bytesToServer().toString('latin1')).toContain('select 2');
    expect(it.meter.held).toBe(0);
    expect(it.clock.pending).toBe(0);
    expect(it.state.serverEnded).toBe(true);
  });

  test('two of them add up, and each ends with its own fault', () => {
    const it = playSession();
    it.put({ ...SLOW, id: 'a' }, { ...SLOW, id: 'b', attributes: { latency: 50 } });
    it.client(message('Q', 'select 1'));
    it.clock.advance(149);
    expect(it.toServer()).toEqual([]);
    it.clock.advance(1);
    expect(it.toServer()).toEqual(['Q select 1']);
  });

  test('reads a client no further that sends much while it is held', () => {
    const it = playSession();
    it.put(SLOW);
    it.client(message('Q', 'copy t from stdin'));
    for (let sent = 0; sent < 5; sent++) it.client(message('d', Buffer.alloc(20_000)));
    expect(it.state.paused.client).toBe(true);
    it.clock.advance(100);
    expect(it.state.paused.client).toBe(false);
    expect(it.bytesToServer().length).toBeGreaterThan(100_000);
  });

  test('forgets a statement whose connection is gone', () => {
    const it = playSession();
    const [fault] = it.put(SLOW);
    it.client(message('Q', 'select 1'));
    it.session.closed();
    expect(it.clock.pending).toBe(0);
    expect(it.meter).toMatchObject({ units: 1, held: 0, answers: ['error injected'] });
    expect(fault!.counts.injected).toBe(1);
  });

  test('of nothing is counted as skipped', () => {
    const it = playSession();
    const [fault] = it.put({ type: 'pg_latency' });
    it.client(message('Q', 'select 1'));
    expect(it.toServer()).toEqual(['Q select 1']);
    expect(fault!.counts.skipped).toEqual({ 'no delay': 1 });
  });

  test('explains itself', () => {
    const attributes = pgLatency.attributes.parse({ latency: '250ms', jitter: 50 });
    expect(pgLatency.explain(attributes)).toBe('delay each statement by 250 ms ± 50 ms');
    expect(pgLatency.addedLatency(attributes)).toBe(300);
  });
});

import { describe, expect, test } from 'vitest';
import { pgConnectionLimit } from '../../src/faults/pg_connection_limit.ts';
import { CANCEL_REQUEST, startup } from '../protocols/postgres/wire.ts';
import { playSession } from '../proxy/postgres/play.ts';

const LIMIT = { type: 'pg_connection_limit', attributes: { max: 2 } } as const;

describe('pg_connection_limit', () => {
  test('refuses what is over the limit, and lets in again when a place is free', () => {
    const shared = new Map();
    const open = [playSession({ shared }), playSession({ shared })];
    const knock = () => {
      const it = playSession({ shared, fresh: true });
      const [fault] = it.put(LIMIT);
      it.client(startup({ user: 'ada' }));
      return { it, fault: fault! };
    };
    const refused = knock();
    expect(refused.it.toClient()).toEqual(['E 53300 sorry, too many clients already']);
    expect(refused.it.state.closed).toBe('fin');
    expect(refused.it.bytesToServer()).toHaveLength(0);
    expect(refused.fault.counts).toMatchObject({ matched: 1, injected: 1 });
    refused.it.session.closed();
    open[0]!.session.closed();
    const admitted = knock();
    expect(admitted.it.state.closed).toBeUndefined();
    expect(admitted.it.bytesToServer().length).toBeGreaterThan(0);
    expect(admitted.fault.counts.matched).toBe(0);
    expect(knock().it.state.closed).toBe('fin');
  });

  test('lets cancellations through, which take no place', () => {
    const it = playSession({ fresh: true });
    it.put({ type: 'pg_connection_limit' });
    it.client(CANCEL_REQUEST);
    expect(it.bytesToServer().equals(CANCEL_REQUEST)).toBe(true);
  });

  test('explains itself', () => {
    expect(pgConnectionLimit.explain({ max: 20 })).toBe('refuse connections over 20 with SQLSTATE 53300');
    expect(pgConnectionLimit.explain({ max: 0 })).toBe('refuse each new connection with SQLSTATE 53300');
  });
});

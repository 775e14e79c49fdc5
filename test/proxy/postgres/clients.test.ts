import { describe, expect, test } from 'vitest';
import { complete, extended, failed, message, ready, SYNC } from '../../protocols/postgres/wire.ts';
import { waitsOf } from '../clients/backoff.ts';
import { type PlayedSession, playSession } from './play.ts';

const OK = [complete('SELECT 1'), ready('I')];
const SHUTDOWN = [failed('57P01', 'terminating'), ready('I')];
const query = (sql: string) => message('Q', sql);

/** A prepared statement with one parameter, in the text format. */
function bound(sql: string, parameter: string): readonly Buffer[] {
  const [parse, , , execute] = extended(sql);
  const one = Buffer.from([0, 1]);
  const length = Buffer.from([0, 0, 0, parameter.length]);
  const bind = message('B', '', '', Buffer.alloc(2), one, length, Buffer.from(parameter), Buffer.alloc(2));
  return [parse!, bind, execute!, SYNC];
}
const ANSWERED = [message('1'), message('2'), ...OK];
const REFUSED = [message('1'), message('2'), ...SHUTDOWN];

const seen = ({ clients }: PlayedSession) => clients.observe();

describe('a client of Postgres whose statement failed', () => {
  test('is seen to send it again, and when', () => {
    const it = playSession();
    it.client(query('insert into t values (1)'));
    it.server(...SHUTDOWN);
    it.clock.advance(250);
    it.client(query('insert into t values (1)'));
    it.server(...OK);
    expect(seen(it)).toMatchObject({ failed: 1, followed: 1, longestChain: 2, open: 0 });
    expect(waitsOf(seen(it).backoff[0]).maxMs).toBeCloseTo(250, -1);
  });

  test('is seen to do so from another connection', () => {
    const first = playSession();
    first.client(query('select 1 from t'));
    first.session.closed();
    const second = playSession({ clients: first.clients });
    second.client(query('select 1 from t'));
    second.server(...OK);
    expect(seen(first)).toMatchObject({ failed: 1, followed: 1, abandoned: { count: 0 } });
  });

  test('is known by its parameters too', () => {
    const it = playSession();
    it.client(...bound('select $1', 'ada'));
    it.server(...REFUSED);
    it.client(...bound('select $1', 'bob'));
    it.server(...ANSWERED);
    expect(seen(it)).toMatchObject({ failed: 1, followed: 0 });
    it.client(...bound('select $1', 'ada'));
    it.server(...ANSWERED);
    expect(seen(it)).toMatchObject({ failed: 1, followed: 1 });
    expect(JSON.stringify(seen(it))).not.toMatch(/ada|bob|select/);
  });

  test('counts where a fault made the answer, and not where the statement itself was wrong', () => {
    const it = playSession();
    it.client(query('insert into t values (1)'));
    it.server(failed('23505', 'duplicate key'), ready('I'));
    expect(seen(it).failed).toBe(0);
    it.put({ type: 'pg_error', attributes: { sqlstate: '42P01' } });
    it.client(query('insert into t values (1)'));
    expect(seen(it).failed).toBe(1);
  });

  test('is not looked for in what every client sends', () => {
    const it = playSession();
    for (let time = 0; time < 2; time++) {
      it.client(query('BEGIN'));
      it.server(...SHUTDOWN);
    }
    expect(seen(it)).toMatchObject({ failed: 0, followed: 0, duplicates: 0 });
  });
});

describe('a statement under way', () => {
  test('is a duplicate of the same on another connection', () => {
    const first = playSession();
    const second = playSession({ clients: first.clients });
    for (const it of [first, second]) it.client(query('select slow()'));
    first.clock.advance(3000);
    expect(seen(first)).toMatchObject({ open: 2, oldestMs: 3000, duplicates: 2 });
    for (const it of [first, second]) it.server(...OK);
    expect(seen(first)).toMatchObject({ open: 0, duplicates: 2, failed: 0 });
  });

  test('is given up where the client ends first', () => {
    const it = playSession();
    it.client(query('select slow()'));
    it.clock.advance(2000);
    it.session.clientEnd();
    it.server(...OK);
    it.session.closed();
    expect(seen(it)).toMatchObject({ failed: 1, open: 0 });
    expect(seen(it).abandoned.count).toBe(1);
    expect(waitsOf(seen(it).abandoned.age).maxMs).toBeCloseTo(2000, -2);
  });

  test('is not where the server does', () => {
    const it = playSession();
    it.client(query('select slow()'));
    it.session.serverEnd();
    it.session.clientEnd();
    it.session.closed();
    expect(seen(it)).toMatchObject({ failed: 1, open: 0, abandoned: { count: 0 } });
  });

  test('is over with those that the server discards', () => {
    const it = playSession();
    it.client(...extended('select 1 from t'), ...extended('select 2 from t'), SYNC);
    it.server(...SHUTDOWN);
    expect(seen(it)).toMatchObject({ open: 0, failed: 1 });
  });
});

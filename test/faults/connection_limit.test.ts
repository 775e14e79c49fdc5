import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionLimit } from '../../src/faults/connection_limit.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { connection, playListener } from './harness.ts';

describe('connection_limit', () => {
  test.each([
    ['refuse', { do: 'close', how: 'fin' }],
    ['rst', { do: 'close', how: 'rst' }],
  ])('lets in as many as it may, live ones included, and rejects others by %s', (reject, rejection) => {
    const live = connection(1);
    const { behaviour } = playListener(connectionLimit, { max: 2, reject }, [live]);
    const second = connection(2);
    expect(behaviour.admit!(second)).toEqual({ do: 'pass' });
    expect(behaviour.admit!(connection(3))).toEqual(rejection);
    behaviour.left!(live);
    expect(behaviour.admit!(connection(4))).toEqual({ do: 'pass' });
    expect(behaviour.admit!(connection(5))).toEqual(rejection);
  });

  test('lets in nobody while more are live than there may be', () => {
    const live = [connection(1), connection(2)];
    const { behaviour } = playListener(connectionLimit, { max: 1 }, live);
    behaviour.left!(live[0]!);
    expect(behaviour.admit!(connection(3))).toEqual({ do: 'close', how: 'fin' });
    expect(live.every(({ closedBy }) => closedBy === undefined)).toBe(true);
  });

  test('lets those that wait in by turns, passes over those that gave up, and all when taken back', () => {
    const { behaviour, change } = playListener(connectionLimit, { max: 1, reject: 'wait' });
    const first = connection(1);
    expect(behaviour.admit!(first)).toEqual({ do: 'pass' });
    const went: number[] = [];
    const waiting = [2, 3, 4, 5, 6].map((id) => {
      const one = connection(id);
      const admission = behaviour.admit!(one);
      if (admission.do !== 'hold') throw new Error('it does not wait');
      admission.until(() => void went.push(id));
      return one;
    });
    behaviour.left!(waiting[0]!);
    expect(went).toEqual([]);
    behaviour.left!(first);
    expect(went).toEqual([3]);
    change({ max: 2, reject: 'wait' });
    expect(went).toEqual([3, 4]);
    behaviour.release();
    expect(went).toEqual([3, 4, 5, 6]);
  });

  test('leaves the words to a protocol that has them, and takes no place for who is told', () => {
    const live = connection(1);
    const { behaviour } = playListener(connectionLimit, { max: 1, reject: 'error' }, [live]);
    expect(behaviour.admit!(connection(2))).toEqual({ do: 'deny' });
    behaviour.left!(live);
    expect(behaviour.admit!(connection(3))).toEqual({ do: 'pass' });
  });

  test.each([
    ['tcp', 'declare the proxy as postgres or redis'],
    ['http', 'http_error'],
    ['openai', 'ai_error'],
  ] as const)('has no error to reject with on %s, and says what to write instead', (protocol, instead) => {
    const refusal = connectionLimit.refuses!({ max: 1, reject: 'error' }, protocol);
    expect(refusal).toMatchObject({ attribute: 'reject', expected: expect.stringContaining(instead) });
    expect(refusal!.expected).toContain('write refuse, rst or wait');
    expect(connectionLimit.refuses!({ max: 1, reject: 'wait' }, protocol)).toBeUndefined();
  });

  test.each(['postgres', 'redis'] as const)('may reject with an error on %s', (protocol) => {
    expect(connectionLimit.refuses!({ max: 1, reject: 'error' }, protocol)).toBeUndefined();
  });

  test.each([
    ['refuse', 'let in 3 connections at the same time, and close any more'],
    ['rst', 'let in 3 connections at the same time, and reset any more'],
    ['wait', 'let in 3 connections at the same time, and leave any more waiting for a place'],
    [
      'error',
      "let in 3 connections at the same time, and answer any more with the server's error of being full",
    ],
  ] as const)('explains itself with %s', (reject, sentence) => {
    expect(connectionLimit.explain({ max: 3, reject })).toBe(sentence);
  });
});

describe('connection_limit on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test.each([
    ['refuse', 'fin'],
    ['rst', 'rst'],
  ] as const)('rejects one too many by %s, which its client sees as %s', async (reject, end) => {
    const live = it.client();
    const upstream = await until('it is connected', () => it.accepted[0]);
    it.put({ type: 'connection_limit', attributes: { max: 1, reject } });
    expect(await it.client().end()).toBe(end);
    live.send('on');
    await upstream.sees('on');
    expect(it.accepted).toHaveLength(1);
    live.socket.destroy();
    upstream.socket.destroy();
    await until('the place is free', () => it.plane.connections().length === 0);
    it.client().send('in');
    await (await until('it is let in', () => it.accepted[1])).sees('in');
  });

  test('refuses to reject by an error that tcp does not have, and changes nothing', () => {
    const wrong = { type: 'connection_limit', attributes: { max: 1, reject: 'error' } };
    expect(() => it.put(wrong)).toThrow(
      /"error" is not valid for attribute "reject".*a server of tcp says nothing/,
    );
    expect(it.plane.state().faults).toEqual([]);
  });

  test('leaves one too many waiting until a place is free, and loses no byte', async () => {
    const live = it.client();
    const upstream = await until('it is connected', () => it.accepted[0]);
    it.put({ type: 'connection_limit', attributes: { max: 1, reject: 'wait' } });
    const waiting = it.client();
    waiting.send('early');
    const held = () => it.plane.observation().proxies.p!.held.open;
    await until('it waits', () => held() === 1);
    expect(it.accepted).toHaveLength(1);
    live.socket.destroy();
    upstream.socket.destroy();
    await (await until('it is let in', () => it.accepted[1])).sees('early');
    expect(held()).toBe(0);
    expect(it.plane.state().faults[0]).toMatchObject({ matched: 2, injected: 1 });
  });

  test('gives the place of one that a falling toxicity spares to one that waits', async () => {
    it.client();
    await until('it is connected', () => it.accepted[0]);
    it.put({ type: 'connection_limit', attributes: { max: 0, reject: 'wait' } });
    it.client().send('early');
    await until('it waits', () => it.plane.observation().proxies.p!.held.open === 1);
    it.renew({ type: 'connection_limit', toxicity: 0, attributes: { max: 0, reject: 'wait' } });
    await (await until('it is let in', () => it.accepted[1])).sees('early');
  });
});

import { describe, expect, test } from 'vitest';
import { redisError } from '../../../src/faults/redis_error.ts';
import { inForce, type PlayedSession, playRedis } from '../../faults/redis-play.ts';
import { waitsOf } from '../clients/backoff.ts';

const seen = ({ meter }: PlayedSession) => meter.clients!.observe();

describe('a client of Redis whose command failed', () => {
  test('is seen to send it again, and when', () => {
    const it = playRedis();
    it.send('GET user:1');
    it.server('-LOADING Redis is loading the dataset in memory\r\n');
    it.clock.advance(40);
    it.send('GET user:2');
    it.server('$-1\r\n');
    it.send('GET user:1');
    it.server('$-1\r\n');
    expect(seen(it)).toMatchObject({ failed: 1, followed: 1, longestChain: 2, open: 0 });
    expect(waitsOf(seen(it).backoff[0]).maxMs).toBeCloseTo(40, -1);
    expect(JSON.stringify(seen(it))).not.toMatch(/user|GET/);
  });

  test('counts where a fault made the answer, and not where the command itself was wrong', () => {
    const it = playRedis();
    it.send('INCR text');
    it.server('-WRONGTYPE no\r\n');
    expect(seen(it).failed).toBe(0);
    it.setFaults(inForce(redisError, { reply: 'WRONGTYPE no' }));
    it.send('INCR text');
    expect(seen(it).failed).toBe(1);
  });

  test('is seen in the first of the commands that it sends together', () => {
    const it = playRedis();
    for (let time = 0; time < 2; time++) {
      it.send('GET a', 'GET b', 'GET c');
      it.server('-LOADING x\r\n-LOADING x\r\n-LOADING x\r\n');
    }
    expect(seen(it)).toMatchObject({ failed: 2, followed: 1, open: 0 });
  });
});

describe('a command under way', () => {
  test('has an age, and is given up where the client ends first', () => {
    const it = playRedis();
    it.send('GET a');
    it.clock.advance(500);
    expect(seen(it)).toMatchObject({ open: 1, oldestMs: 500, duplicates: 1 });
    it.clientEnd();
    it.gone();
    expect(seen(it)).toMatchObject({ open: 0, failed: 1, abandoned: { count: 1 } });
  });

  test('failed where its connection broke', () => {
    const it = playRedis();
    it.send('GET a');
    it.gone();
    expect(seen(it)).toMatchObject({ open: 0, failed: 1, abandoned: { count: 0 } });
  });

  test('that waits for as long as its client likes is not looked at', () => {
    const it = playRedis();
    it.send('BLPOP queue 0');
    expect(seen(it)).toMatchObject({ open: 0 });
  });
});

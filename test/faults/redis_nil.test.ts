import { describe, expect, test } from 'vitest';
import { redisNil } from '../../src/faults/redis_nil.ts';
import { inForce, playRedis, wire } from './redis-play.ts';

describe('redis_nil', () => {
  test('answers reads in the protocol version in use', () => {
    const play = playRedis(inForce(redisNil));
    play.send('GET a', 'HGETALL h');
    expect(play.takeToClient()).toBe('$-1\r\n*0\r\n');
    play.send('HELLO 3');
    play.server('%1\r\n+proto\r\n:3\r\n');
    play.takeToClient();
    play.send('GET a', 'HGETALL h', 'SMEMBERS s', 'MGET a b');
    expect(play.toClient).toBe('_\r\n%0\r\n~0\r\n*2\r\n_\r\n_\r\n');
    expect(play.toServer).toBe(wire('HELLO 3').toString());
  });

  test('leaves writes and commands without a miss alone', () => {
    const fault = inForce(redisNil);
    const play = playRedis(fault);
    play.send('SET a 1', 'INCR a', 'GETDEL a', 'LOLWUT', 'EVAL x 1 a');
    expect(play.toServer).toBe(wire('SET a 1', 'INCR a', 'GETDEL a', 'LOLWUT', 'EVAL x 1 a').toString());
    expect(fault.counts).toEqual({ matched: 1, injected: 0, skipped: { 'no miss': 1 } });
  });

  test('puts misses in the places of results in the answer to EXEC, however it is cut', () => {
    const answer = '*3\r\n$1\r\n1\r\n+OK\r\n*2\r\n:1\r\n:2\r\n+next\r\n';
    for (let cut = 0; cut <= answer.length; cut++) {
      const play = playRedis(inForce(redisNil));
      play.send('MULTI', 'GET a', 'SET a 1', 'LRANGE l 0 1', 'EXEC', 'PING');
      play.server('+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n');
      play.takeToClient();
      play.server(answer.slice(0, cut));
      play.server(answer.slice(cut));
      expect(play.toClient).toBe('*3\r\n$-1\r\n+OK\r\n*0\r\n+next\r\n');
    }
  });
});

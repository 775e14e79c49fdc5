import { describe, expect, test } from 'vitest';
import { redisLostAck } from '../../src/faults/redis_lost_ack.ts';
import { inForce, playRedis, wire } from './redis-play.ts';

describe('redis_lost_ack', () => {
  test('forwards the command, drops its answer and resets, after the answers before it', () => {
    const fault = inForce(redisLostAck, {}, { command: 'INCR' });
    const play = playRedis(fault);
    play.send('GET a', 'INCR n', 'GET b');
    expect(play.toServer).toBe(wire('GET a', 'INCR n', 'GET b').toString());
    play.server('+a\r\n>1\r\n+x\r\n:');
    expect(play).toMatchObject({ toClient: '+a\r\n>1\r\n+x\r\n', closed: undefined });
    expect(fault.counts.injected).toBe(0);
    play.server('1\r\n+b\r\n');
    expect(play).toMatchObject({ toClient: '+a\r\n>1\r\n+x\r\n', closed: 'rst' });
    expect(fault.counts.injected).toBe(1);
  });

  test('does not wait for the end of a long answer', () => {
    const play = playRedis(inForce(redisLostAck));
    play.send('GET big');
    play.server('$1000000000\r\n');
    play.server(Buffer.alloc(100_000));
    expect(play).toMatchObject({ toClient: '', closed: 'rst' });
  });
});

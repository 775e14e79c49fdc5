import { describe, expect, test } from 'vitest';
import { redisKill } from '../../src/faults/redis_kill.ts';
import { inForce, playRedis, wire } from './redis-play.ts';

describe('redis_kill', () => {
  test('resets once all that came before is answered, and sends nothing more', () => {
    const fault = inForce(redisKill, {}, { command: 'SET' });
    const play = playRedis(fault);
    play.send('GET a', 'GET b', 'SET a 1', 'GET c');
    expect(play.toServer).toBe(wire('GET a', 'GET b').toString());
    play.server('+a\r\n+');
    expect(play.closed).toBeUndefined();
    play.server('b\r\n');
    expect(play).toMatchObject({ toClient: '+a\r\n+b\r\n', closed: 'rst' });
    expect(fault.counts.injected).toBe(1);
  });

  test('resets at once where nothing is owed, and is not counted where the connection goes before', () => {
    const play = playRedis(inForce(redisKill));
    play.send('PING');
    expect(play).toMatchObject({ toServer: '', closed: 'rst' });
    const fault = inForce(redisKill, {}, { command: 'SET' });
    const other = playRedis(fault);
    other.send('GET a', 'SET a 1');
    other.gone();
    expect(fault.counts).toEqual({ matched: 1, injected: 0, skipped: { 'connection closed': 1 } });
    expect(other.meter.observe([], {}).status).toEqual({ error: { organic: 2, injected: 0 } });
  });
});

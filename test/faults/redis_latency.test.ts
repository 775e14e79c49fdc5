import { describe, expect, test } from 'vitest';
import { redisLatency } from '../../src/faults/redis_latency.ts';
import { inForce, playRedis, wire } from './redis-play.ts';

describe('redis_latency', () => {
  test('says what it does, and how much it adds at most', () => {
    const delay = redisLatency.attributes.parse({ latency: '2s', jitter: 500 });
    expect(redisLatency.explain(delay)).toBe('delay each command by 2 s ± 500 ms');
    expect(redisLatency.addedLatency(delay)).toBe(2500);
  });

  test('holds each command from when it came, in order, with what follows behind it', async () => {
    const play = playRedis(inForce(redisLatency, { latency: 100 }, { command: 'GET' }));
    play.send('SET a 1', 'GET a', 'SET b 1');
    expect(play.takeToServer()).toBe(wire('SET a 1').toString());
    await play.clock.advance(60);
    play.send('GET b');
    await play.clock.advance(40);
    expect(play.takeToServer()).toBe(wire('GET a', 'SET b 1').toString());
    await play.clock.advance(59);
    expect(play.takeToServer()).toBe('');
    await play.clock.advance(1);
    expect(play.takeToServer()).toBe(wire('GET b').toString());
  });

  test('lets go of all at once when it is taken back', () => {
    const fault = inForce(redisLatency, { latency: 60_000 });
    const play = playRedis(fault);
    play.send('GET a', 'GET b');
    play.client('*2\r\n$3\r\nGET\r\n');
    expect(play.toServer).toBe('');
    expect(play.meter.observe([], {}).held.open).toBe(2);
    play.setFaults();
    expect(play.toServer).toBe(wire('GET a', 'GET b').toString());
    play.client('$1\r\nc\r\n');
    expect(play.toServer).toBe(wire('GET a', 'GET b', 'GET c').toString());
    expect(play.meter.observe([], {}).held.open).toBe(0);
    expect(play.clock.pending).toBe(0);
    expect(fault.counts).toEqual({ matched: 2, injected: 2, skipped: {} });
  });

  test('reads no more than it may hold, and passes the rest of a long value as it comes', async () => {
    const play = playRedis(inForce(redisLatency, { latency: 100 }));
    play.client('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n');
    for (let sent = 0; sent < 300_000; sent += 50_000) play.client(Buffer.alloc(50_000, 'x'));
    expect(play.toServer).toBe('');
    expect(play.clientPaused).toBe(true);
    await play.clock.advance(100);
    expect(play.clientPaused).toBe(false);
    expect(play.takeToServer()).toHaveLength(300_000 + '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n'.length);
    play.client(Buffer.alloc(700_000, 'x'));
    expect(play.takeToServer()).toHaveLength(700_000);
    play.client('\r\n');
    play.server('+OK\r\n');
    expect(play.toClient).toBe('+OK\r\n');
  });

  test('waits no longer for a client that is gone', () => {
    const play = playRedis(inForce(redisLatency, { latency: 100 }));
    play.send('GET a');
    play.gone();
    expect(play.clock.pending).toBe(0);
    expect(play.meter.observe([], {})).toMatchObject({
      units: 1,
      held: { open: 0 },
      status: { error: { organic: 0, injected: 1 } },
    });
  });

  test('passes the end of the stream after what it holds', async () => {
    const play = playRedis(inForce(redisLatency, { latency: 100 }));
    play.send('GET a');
    play.clientEnd();
    expect(play.toServer).toBe('');
    await play.clock.advance(100);
    expect(play.toServer).toBe(`${wire('GET a')}<end>`);
  });
});

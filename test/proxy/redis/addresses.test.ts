import { describe, expect, test } from 'vitest';
import { redisError } from '../../../src/faults/redis_error.ts';
import { DECLARATION, inForce, playHome } from '../../faults/redis-play.ts';

const SLOTS = (host: string, port: number) =>
  `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$${host.length}\r\n${host}\r\n:${port}\r\n$2\r\nid\r\n`;

describe('a proxy in front of a Redis cluster', () => {
  test('sends clients to other proxies by its map, whatever the cuts, and in step with faults', () => {
    const declaration = { ...DECLARATION, addresses: { '10.0.0.1:6379': '127.0.0.1:16379' } };
    const server = `+a\r\n-MOVED 1 10.0.0.1:6379\r\n${SLOTS('10.0.0.1', 6379)}+b\r\n`;
    const client = `+a\r\n-BUSY\r\n-MOVED 1 127.0.0.1:16379\r\n${SLOTS('127.0.0.1', 16379)}+b\r\n`;
    for (let cut = 0; cut <= server.length; cut++) {
      const fault = inForce(redisError, { reply: 'BUSY' }, { command: 'SET' });
      const play = playHome({ declaration, log: () => {} }, fault);
      play.send('GET a', 'SET a 1', 'GET b', 'CLUSTER SLOTS', 'GET c');
      play.server(server.slice(0, cut));
      play.server(server.slice(cut));
      expect(play.toClient).toBe(client);
      expect(play.meter.observe([], {}).status).toMatchObject({ MOVED: { organic: 1 }, ok: { organic: 3 } });
    }
  });

  test('changes what a Sentinel publishes, and nothing that users have stored', () => {
    const declaration = { ...DECLARATION, addresses: { '10.0.0.1:6379': '127.0.0.1:16379' } };
    const pair = (type: string, port: number, host: string) =>
      `${type}2\r\n$${host.length}\r\n${host}\r\n:${port}\r\n`;
    const event = (text: string) =>
      `>3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$${text.length}\r\n${text}\r\n`;
    const subscribed = '>3\r\n$9\r\nsubscribe\r\n$1\r\n*\r\n:1\r\n';
    const play = playHome({ declaration, log: () => {} });
    play.send('HELLO 3', 'SUBSCRIBE *', 'LRANGE l 0 -1', 'ROLE', 'EVAL x 0');
    const before = `%0\r\n${subscribed}`;
    play.server(`${before}${event('one 10.0.0.2 1 10.0.0.1 6379')}`);
    play.server(`${pair('*', 6379, '10.0.0.1')}${pair('*', 6379, '10.0.0.1')}-ERR 10.0.0.1:6379\r\n`);
    expect(play.toClient).toBe(
      `${before}${event('one 10.0.0.2 1 127.0.0.1 16379')}${pair('*', 6379, '10.0.0.1')}${pair('*', 16379, '127.0.0.1')}-ERR 10.0.0.1:6379\r\n`,
    );
  });

  test('says once that clients will go round it where it has no map', () => {
    const lines: string[] = [];
    const play = playHome({ declaration: DECLARATION, log: (line) => void lines.push(line) });
    play.send('GET a', 'CLUSTER SLOTS', 'GET b');
    play.server('+a\r\n');
    expect(lines).toEqual([]);
    play.server(`${SLOTS('10.0.0.1', 6379)}-MOVED 1 10.0.0.1:6379\r\n`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"addresses"');
    expect(lines[0]).not.toContain('10.0.0.1');
  });
});

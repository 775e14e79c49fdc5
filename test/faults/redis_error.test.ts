import { describe, expect, test } from 'vitest';
import { redisError } from '../../src/faults/redis_error.ts';
import { inForce, playRedis, wire } from './redis-play.ts';

const busy = (match = {}) => inForce(redisError, { reply: 'BUSY wait' }, match);

describe('redis_error', () => {
  test.each([
    ['two lines', 'ERR a\r\n+OK'],
    ['a lone line feed', 'ERR a\n'],
    ['nothing', ''],
    ['a leading dash', '-ERR a'],
    ['a line without end', `ERR ${'a'.repeat(1000)}`],
  ])('refuses %s as a reply', (_, reply) => {
    expect(redisError.attributes.safeParse({ reply }).success).toBe(false);
  });

  test('says what it does', () => {
    expect(redisError.explain(redisError.attributes.parse({}))).toBe(
      'answer each command with the error "LOADING Redis is loading the dataset in memory"',
    );
  });

  test('answers in place, after what came before it and before what came after', () => {
    const play = playRedis(busy({ command: 'SET' }));
    play.send('GET a', 'SET a 1', 'GET b');
    expect(play.takeToServer()).toBe(wire('GET a', 'GET b').toString());
    expect(play.toClient).toBe('');
    play.server('+a\r\n');
    expect(play.takeToClient()).toBe('+a\r\n-BUSY wait\r\n');
    play.server('+b\r\n');
    expect(play.takeToClient()).toBe('+b\r\n');
  });

  test('makes the server itself abort a transaction', () => {
    const play = playRedis(busy({ command: 'SET' }));
    play.send('MULTI', 'SET a 1', 'EXEC');
    expect(play.takeToServer()).toBe(wire('MULTI', 'GET', 'EXEC').toString());
    play.server(
      "+OK\r\n-ERR wrong number of arguments for 'get' command\r\n-EXECABORT Transaction discarded\r\n",
    );
    expect(play.toClient).toBe('+OK\r\n-BUSY wait\r\n-EXECABORT Transaction discarded\r\n');
  });

  test('in place of an EXEC discards what was queued', () => {
    const play = playRedis(busy({ command: 'EXEC' }));
    play.send('MULTI', 'SET a 1', 'EXEC', 'GET a');
    expect(play.takeToServer()).toBe(wire('MULTI', 'SET a 1', 'DISCARD', 'GET a').toString());
    play.server('+OK\r\n+QUEUED\r\n+OK\r\n$-1\r\n');
    expect(play.toClient).toBe(
      '+OK\r\n+QUEUED\r\n-EXECABORT Transaction discarded because of: BUSY wait\r\n$-1\r\n',
    );
  });

  test('never comes between the pieces of a message that is pushed', () => {
    const play = playRedis(busy());
    play.server('>3\r\n$7\r\nmess');
    play.send('GET a');
    expect(play.toClient).toBe('>3\r\n$7\r\nmess');
    play.server('age\r\n$1\r\nc\r\n$1\r\nx\r\n');
    expect(play.toClient).toBe('>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n-BUSY wait\r\n');
  });

  test('leaves commands alone that are never answered, and says so', () => {
    const fault = busy({ command: 'SET' });
    const play = playRedis(fault);
    play.send('CLIENT REPLY SKIP', 'SET a 1', 'GET a');
    expect(play.takeToServer()).toBe(wire('CLIENT REPLY SKIP', 'SET a 1', 'GET a').toString());
    play.server('+1\r\n');
    expect(play.toClient).toBe('+1\r\n');
    expect(fault.counts).toEqual({ matched: 1, injected: 0, skipped: { 'not answered': 1 } });
  });
});

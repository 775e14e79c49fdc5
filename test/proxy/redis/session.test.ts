import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redisError } from '../../../src/faults/redis_error.ts';
import { redisLatency } from '../../../src/faults/redis_latency.ts';
import { redisNil } from '../../../src/faults/redis_nil.ts';
import { inForce, type PlayedSession, playRedis, wire } from '../../faults/redis-play.ts';
import { cutAt } from '../../protocols/redis/pieces.ts';

/** Sends `all` cut at random, answers what reached the server by `server`, cut at random too, and moves the clock. */
async function converse(
  play: PlayedSession,
  all: Buffer,
  places: readonly number[],
  server: (request: string) => string,
): Promise<string> {
  let pending = '';
  const answer = () => {
    pending += play.takeToServer();
    const [replies, rest] = serve(pending, server);
    pending = rest;
    const bytes = Buffer.from(replies, 'latin1');
    for (const piece of cutAt(
      bytes,
      places.map((place) => place % (bytes.length + 1)),
    ))
      play.server(piece);
  };
  for (const piece of cutAt(
    all,
    places.map((place) => place % (all.length + 1)),
  )) {
    play.client(piece);
    if (piece.length % 2 === 0) answer();
    await play.clock.advance(7);
  }
  await play.clock.advance(1000);
  answer();
  expect(pending).toBe('');
  return play.toClient;
}

/** Answers each whole command in `pending`; commands here have no CRLF in them. */
function serve(pending: string, server: (request: string) => string): [replies: string, rest: string] {
  let replies = '';
  for (;;) {
    const lines = pending.split('\r\n');
    const count = Number(lines[0]?.slice(1));
    if (lines.length < 2 + 2 * count || !pending.startsWith('*')) return [replies, pending];
    const words = Array.from({ length: count }, (_, index) => lines[2 + 2 * index]!);
    replies += server(words.join(' '));
    pending = lines.slice(1 + 2 * count).join('\r\n');
  }
}

/** A server with transactions, as far as these tests go: a value for each key, which is the key. */
function miniature(): (request: string) => string {
  let queue: string[] | undefined;
  let failed = false;
  const run = (request: string) => {
    const [name, key = ''] = request.split(' ');
    return name === 'GET' ? `$${key.length}\r\n${key}\r\n` : `+${name} ${key}\r\n`;
  };
  return (request) => {
    if (request === 'MULTI') {
      queue = [];
      failed = false;
      return '+OK\r\n';
    }
    if (request === 'DISCARD') {
      queue = undefined;
      return '+OK\r\n';
    }
    if (request === 'EXEC') {
      const all = queue ?? [];
      queue = undefined;
      return failed ? '-EXECABORT previous\r\n' : `*${all.length}\r\n${all.map(run).join('')}`;
    }
    if (request === 'GET') {
      failed = true;
      return "-ERR wrong number of arguments for 'get' command\r\n";
    }
    if (!queue) return run(request);
    queue.push(request);
    return '+QUEUED\r\n';
  };
}

const places = fc.array(fc.nat(10_000), { maxLength: 15 });
const plain = fc.constantFrom('GET a', 'GET bcd', 'SET a 1', 'DEL x', 'PING', 'GET bad');
const transaction = fc
  .tuple(fc.array(plain, { maxLength: 4 }), fc.constantFrom('EXEC', 'DISCARD'))
  .map(([inside, end]) => ['MULTI', ...inside, end]);
const conversation = fc
  .array(
    fc.oneof(
      plain.map((command) => [command]),
      transaction,
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((parts) => parts.flat());

/** What a client sees of these commands where GET misses and keys `bad` are refused. */
function expected(
  commands: readonly string[],
  { misses, refuses }: { misses: boolean; refuses: boolean },
): string {
  const server = miniature();
  let missing: number[] = [];
  let queued = -1;
  return commands
    .map((command) => {
      const refused = refuses && command.endsWith(' bad');
      const missed = misses && command.startsWith('GET');
      if (command === 'MULTI') {
        queued = 0;
        missing = [];
        return server(command);
      }
      if (command === 'EXEC' || command === 'DISCARD') {
        const answer = server(command);
        queued = -1;
        if (!answer.startsWith('*')) return answer;
        const [replies] = [answer.split(/(?=[$+*])/)];
        return replies.map((item, index) => (missing.includes(index - 1) ? '$-1\r\n' : item)).join('');
      }
      if (refused) {
        if (queued >= 0) server('GET');
        return '-BUSY\r\n';
      }
      if (queued < 0) return missed ? '$-1\r\n' : server(command);
      if (missed) missing.push(queued);
      queued++;
      return server(command);
    })
    .join('');
}

describe('a Redis session', () => {
  test('keeps every answer in its place, whatever faults do and however the bytes are cut', async () => {
    const sample = fc.tuple(conversation, places, fc.boolean(), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(sample, async ([commands, cuts, misses, refuses, slow]) => {
        const play = playRedis(
          ...(slow ? [inForce(redisLatency, { latency: 30, jitter: 30 }, { command: 'S*' })] : []),
          ...(refuses ? [inForce(redisError, { reply: 'BUSY' }, { key: 'bad' })] : []),
          ...(misses ? [inForce(redisNil)] : []),
        );
        const seen = await converse(play, wire(...commands), cuts, miniature());
        expect(seen).toBe(expected(commands, { misses, refuses }));
        const { units, status } = play.meter.observe([], {});
        const answered = Object.values(status).reduce(
          (sum, { organic, injected }) => sum + organic + injected,
          0,
        );
        expect([units, answered]).toEqual([commands.length, commands.length]);
      }),
      { seed: 6, numRuns: 400 },
    );
  });

  test('loses, repeats and reorders nothing while faults come and go', async () => {
    await fc.assert(
      fc.asyncProperty(conversation, places, fc.nat(8), async (commands, cuts, round) => {
        const play = playRedis();
        const slow = () => inForce(redisLatency, { latency: 20 }, { every: 2 });
        let calls = round;
        const server = miniature();
        const seen = await converse(play, wire(...commands), cuts, (request) => {
          if (++calls % 3 === 0) play.setFaults(slow());
          else if (calls % 3 === 1) play.setFaults();
          return server(request);
        });
        expect(seen).toBe(expected(commands, { misses: false, refuses: false }));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('hands on any bytes at all unchanged where no fault acts', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      fc
        .string({ unit: fc.constantFrom(...'*$+-:%>_0129-\r\nGETPI '), maxLength: 60 })
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), anything), { maxLength: 12 }),
        fc.boolean(),
        (steps, armed) => {
          const play = playRedis(
            ...(armed ? [inForce(redisError, { reply: 'BUSY' }, { command: 'nothing' })] : []),
          );
          const sent = { client: '', server: '' };
          for (const [fromClient, bytes] of steps) {
            if (fromClient) play.client(bytes);
            else play.server(bytes);
            sent[fromClient ? 'client' : 'server'] += bytes.toString('latin1');
          }
          play.clientEnd();
          expect(play.toServer).toBe(`${sent.client}<end>`);
          expect(play.toClient).toBe(sent.server);
          expect(play.closed).toBeUndefined();
          play.gone();
        },
      ),
      { seed: 8, numRuns: 1500 },
    );
  });

  test.each([
    ['encrypted', '\x16\x03\x01\x02\x00 a TLS hello'],
    ['not readable', '\x01\x16\x03 something else'],
  ])('goes on to the end of a connection that is not Redis, and counts faults as %s', (reason, hello) => {
    const fault = inForce(redisError);
    const play = playRedis(fault);
    play.client(Buffer.from(hello, 'latin1'));
    play.client('GET / HTTP/1.1\r\n\r\n');
    expect(play.toServer).toBe(`${hello}GET / HTTP/1.1\r\n\r\n`);
    expect(fault.counts).toEqual({ matched: 0, injected: 0, skipped: { [reason]: 1 } });
  });

  test('follows CLIENT REPLY, MONITOR, RESET and UNSUBSCRIBE without names', () => {
    const play = playRedis(inForce(redisError, { reply: 'BUSY' }, { command: 'SET' }));
    play.send('CLIENT REPLY OFF', 'GET a', 'CLIENT REPLY ON', 'SET a 1');
    play.server('+OK\r\n');
    expect(play.takeToClient()).toBe('+OK\r\n-BUSY\r\n');
    play.send('SUBSCRIBE a b', 'UNSUBSCRIBE', 'UNSUBSCRIBE', 'RESET', 'SET a 1');
    const confirm = (kind: string, name: string, count: number) =>
      `*3\r\n$${kind.length}\r\n${kind}\r\n${name}\r\n:${count}\r\n`;
    const replies = [
      confirm('subscribe', '$1\r\na', 1),
      confirm('subscribe', '$1\r\nb', 2),
      '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n',
      confirm('unsubscribe', '$1\r\na', 1),
      confirm('unsubscribe', '$1\r\nb', 0),
      confirm('unsubscribe', '$-1', 0),
      '+RESET\r\n',
    ].join('');
    play.server(replies);
    expect(play.takeToClient()).toBe(`${replies}-BUSY\r\n`);
    play.send('MONITOR', 'SET a 1', 'PING', 'RESET', 'PING');
    const shown = '+1795237370.620395 [0 127.0.0.1:1] "set" "b"\r\n';
    play.server(`+OK\r\n${shown}${shown}+PONG\r\n${shown}+RESET\r\n+PONG\r\n`);
    expect(play.takeToClient()).toBe(`+OK\r\n-BUSY\r\n${shown}${shown}+PONG\r\n${shown}+RESET\r\n+PONG\r\n`);
  });

  test('asks nothing of a server after QUIT, and faults do not either', () => {
    const fault = inForce(redisError, { reply: 'BUSY' }, { command: 'GET' });
    const play = playRedis(fault);
    play.send('PING', 'QUIT', 'GET a', 'PING');
    expect(play.toServer).toBe(wire('PING', 'QUIT', 'GET a', 'PING').toString());
    play.server('+PONG\r\n+OK\r\n');
    expect(play.toClient).toBe('+PONG\r\n+OK\r\n');
    expect(fault.counts).toEqual({ matched: 1, injected: 0, skipped: { 'not answered': 1 } });
  });

  test('reads inline commands, and gives up where their quotes do not match', () => {
    const fault = inForce(redisError, { reply: 'BUSY' }, { key: 'two words' });
    const play = playRedis(fault);
    play.client('PING\r\n\r\n  GET "two\\x20words"\nSET a 1\r\nGET "open\r\nGET "two words"\r\n');
    play.server('+PONG\r\n+OK\r\n-ERR Protocol error: unbalanced quotes in request\r\n');
    expect(play.toClient).toBe(
      '+PONG\r\n-BUSY\r\n+OK\r\n-ERR Protocol error: unbalanced quotes in request\r\n',
    );
    expect(play.toServer).toBe('PING\r\n\r\nSET a 1\r\nGET "open\r\nGET "two words"\r\n');
    expect(fault.counts).toEqual({ matched: 1, injected: 1, skipped: { 'not readable': 1 } });
  });

  test.each([
    ['PSYNC', ['PSYNC ? -1']],
    ['the script debugger', ['SCRIPT DEBUG YES']],
    ['a transaction that turns replies off', ['MULTI', 'CLIENT REPLY OFF', 'EXEC']],
  ])('passes everything behind %s, and says of a fault that it cannot read there', (_, commands) => {
    const fault = inForce(redisError, { reply: 'BUSY' }, { command: 'GET' });
    const play = playRedis(fault);
    play.send(...commands, 'GET a');
    play.client('anything at all');
    expect(play.toServer).toBe(`${wire(...commands, 'GET a')}anything at all`);
    expect(fault.counts.skipped).toEqual({ 'not readable': 1 });
  });

  test('a transaction that would turn replies off and is discarded changes nothing', () => {
    const play = playRedis(inForce(redisError, { reply: 'BUSY' }, { command: 'GET' }));
    play.send('MULTI', 'CLIENT REPLY OFF', 'DISCARD', 'GET a');
    play.server('+OK\r\n+QUEUED\r\n+OK\r\n');
    expect(play.toClient).toBe('+OK\r\n+QUEUED\r\n+OK\r\n-BUSY\r\n');
  });

  test('counts a slot that moves away from a subscriber as nobody’s answer', () => {
    const play = playRedis(inForce(redisError, { reply: 'BUSY' }, { key: 'x' }));
    play.send('SSUBSCRIBE a');
    const moved = '*3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:0\r\n';
    const all = `*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n${moved}`;
    play.server(all);
    play.send('GET a', 'GET x');
    play.server('*3\r\n$7\r\nmessage\r\n+a\r\n+b\r\n');
    expect(play.toClient).toBe(`${all}*3\r\n$7\r\nmessage\r\n+a\r\n+b\r\n-BUSY\r\n`);
  });

  test('counts blocking commands, and what waits behind them, without the waiting', async () => {
    const play = playRedis();
    play.send('BLPOP q 0', 'GET a');
    await play.clock.advance(5000);
    play.server('*2\r\n$1\r\nq\r\n$1\r\nx\r\n');
    await play.clock.advance(1);
    play.server('+a\r\n');
    const { units, status, latency } = play.meter.observe([], {});
    expect({ units, status }).toEqual({ units: 2, status: { ok: { organic: 2, injected: 0 } } });
    expect(await longestMs(latency.organic)).toBeLessThan(2);
  });

  test('counts errors by their code only', () => {
    const play = playRedis();
    play.send('GET a', 'GET b', 'EVAL x 0');
    play.server('-WRONGTYPE Operation\r\n-secret-value of a key\r\n!9\r\nBUSY wait\r\n');
    expect(Object.keys(play.meter.observe([], {}).status).sort()).toEqual(['BUSY', 'ERR', 'WRONGTYPE']);
  });
});

async function longestMs(histogram: string): Promise<number> {
  const { decodeFromCompressedBase64 } = await import('hdr-histogram-js');
  return decodeFromCompressedBase64(histogram).maxValue / 1000;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestFramer } from '../../../src/protocols/redis/requests.ts';
import { request } from '../../../src/protocols/redis/write.ts';
import { byteByByte, cuts, lent } from './pieces.ts';

interface Seen {
  readonly argc: number;
  readonly words: readonly (string | undefined)[];
  /** Bytes of the stream that precede the end of this command. */
  readonly end: number;
}

function walk(chunks: readonly Buffer[]): { seen: Seen[]; broken: boolean; under: boolean } {
  const framer = new RequestFramer();
  const seen: Seen[] = [];
  let before = 0;
  for (const chunk of chunks) {
    lent(chunk, (bytes) => {
      for (let at = 0; at < bytes.length && !framer.broken; ) {
        at = framer.read(bytes, at);
        if (!framer.complete) continue;
        const words = Array.from({ length: Math.min(framer.argc, 8) }, (_, index) =>
          framer.argument(index)?.toString(),
        );
        seen.push({ argc: framer.argc, words, end: before + at });
      }
    });
    before += chunk.length;
  }
  return { seen, broken: framer.broken, under: framer.under };
}

const STREAMS: readonly (readonly [
  title: string,
  bytes: string,
  commands: readonly (readonly string[])[],
])[] = [
  ['a command', '*2\r\n$3\r\nGET\r\n$1\r\na\r\n', [['GET', 'a']]],
  ['a pipeline', '*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nget\r\n$0\r\n\r\n', [['PING'], ['get', '']]],
  [
    'CRLF inside an argument',
    '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$6\r\na\r\n*1\r\r\n',
    [['SET', 'k', 'a\r\n*1\r']],
  ],
  ['inline commands', 'PING\r\nset k "a b"\n', [['PING'], ['set', 'k', 'a b']]],
  ['empty lines and empty arrays', '\r\n*0\r\n*-1\r\nPING\r\n', [[], [], [], ['PING']]],
];

describe('the walk over requests', () => {
  test.each(STREAMS)('reads %s, cut anywhere', (_, text, commands) => {
    fc.assert(
      fc.property(cuts(Buffer.from(text)), (chunks) => {
        const { seen, broken, under } = walk(chunks);
        expect(seen.map(({ words }) => words)).toEqual(commands);
        expect({ broken, under }).toEqual({ broken: false, under: false });
        expect(seen.at(-1)!.end).toBe(text.length);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('finds the same commands however random ones are cut', () => {
    const command = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
    const stream = fc.array(command, { minLength: 1, maxLength: 8 });
    const both = stream.chain((commands) =>
      fc.tuple(fc.constant(commands), cuts(Buffer.concat(commands.map((words) => request(...words))))),
    );
    fc.assert(
      fc.property(both, ([commands, chunks]) => {
        expect(walk(chunks).seen.map(({ words }) => words)).toEqual(commands);
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test('keeps the beginning of long arguments only', () => {
    const framer = new RequestFramer();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    framer.read(Buffer.from('*3\r\n$3\r\nSET\r\n$1000000000\r\n'), 0);
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 200_000_000; sent += chunk.length) framer.read(chunk, 0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(framer).toMatchObject({ broken: false, complete: false, under: true });
    expect(framer.argument(0)?.toString()).toBe('SET');
    expect(framer.argument(1)!.length).toBeLessThanOrEqual(1024);
  });

  test('keeps only so many of very many arguments', () => {
    const framer = new RequestFramer();
    const many = request(...Array.from({ length: 5000 }, () => 'k'.repeat(2000)));
    for (let at = 0; at < many.length; at += 1000) framer.read(many.subarray(at, at + 1000), 0);
    expect(framer).toMatchObject({ complete: true, argc: 5000 });
    const kept = Array.from({ length: 5000 }, (_, index) => framer.argument(index)?.length ?? 0);
    expect(kept.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(64 * 1024);
    expect(kept[300]).toBe(0);
  });

  test.each([
    ['a TLS hello', '\x16\x03\x01\x02\x00'],
    ['a length that is no number', '*x\r\n'],
    ['a length without digits', '*\r\n'],
    ['a length of twenty digits', '*99999999999999999999\r\n'],
    ['a negative length', '*1\r\n$-5\r\n'],
    ['more bytes than announced', '*1\r\n$1\r\nabcdef'],
    ['no bulk where one is due', '*1\r\n:1\r\n'],
    ['a line without a carriage return', '*1\n$1\r\na\r\n'],
    ['an inline command without end', 'a'.repeat(70_000)],
  ])('gives up on %s', (_, text) => {
    expect(walk([Buffer.from(text, 'latin1')]).broken).toBe(true);
    expect(walk(byteByByte(Buffer.from(text, 'latin1'))).broken).toBe(true);
  });

  test('survives any bytes at all, and gives up at the same place however they are cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc
        .string({ unit: fc.constantFrom(...'*$:0129-\r\nGETx '), maxLength: 80 })
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        bytes.chain((all) => fc.tuple(fc.constant(all), cuts(all))),
        ([all, chunks]) => {
          const whole = walk([all]);
          const cut = walk(chunks);
          expect(cut.broken).toBe(whole.broken);
          expect(cut.seen.map(({ end }) => end)).toEqual(whole.seen.map(({ end }) => end));
        },
      ),
      { seed: 3, numRuns: 1500 },
    );
  });
});

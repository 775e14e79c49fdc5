import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyFramer } from '../../../src/protocols/redis/replies.ts';
import { byteByByte, cuts, lent } from './pieces.ts';

interface Seen {
  readonly type: string;
  readonly text: string;
  readonly size: number;
  readonly end: number;
}

function walk(chunks: readonly Buffer[], stopAtItems = false) {
  const framer = new ReplyFramer();
  const seen: Seen[] = [];
  const stops: number[] = [];
  let before = 0;
  for (const chunk of chunks) {
    lent(chunk, (bytes) => {
      for (let at = 0; at < bytes.length && !framer.broken; ) {
        at = framer.read(bytes, at, stopAtItems);
        if (framer.complete) {
          const { text, size } = framer;
          seen.push({ type: String.fromCharCode(framer.type), text, size, end: before + at });
        } else if (at < bytes.length) stops.push(before + at);
      }
    });
    before += chunk.length;
  }
  return { seen, stops, broken: framer.broken, under: framer.under };
}

/** Each is one top-level value. */
const VALUES: readonly (readonly [title: string, bytes: string, type: string])[] = [
  ['a simple string', '+OK\r\n', '+'],
  ['an error', '-ERR no\r\n', '-'],
  ['an integer', ':-12\r\n', ':'],
  ['a bulk', '$5\r\nhe\r\no\r\n', '$'],
  ['an empty bulk', '$0\r\n\r\n', '$'],
  ['a nil bulk', '$-1\r\n', '$'],
  ['an array', '*2\r\n:1\r\n$1\r\na\r\n', '*'],
  ['an empty array', '*0\r\n', '*'],
  ['a nil array', '*-1\r\n', '*'],
  ['arrays in an array', '*3\r\n*1\r\n*2\r\n:1\r\n:2\r\n*0\r\n*-1\r\n', '*'],
  ['null', '_\r\n', '_'],
  ['booleans', '*2\r\n#t\r\n#f\r\n', '*'],
  ['a double', ',1.5e10\r\n', ','],
  ['a big number', '(3492890328409238509324850943850943825024385\r\n', '('],
  ['a blob error', '!21\r\nSYNTAX invalid syntax\r\n', '!'],
  ['a verbatim string', '=15\r\ntxt:Some string\r\n', '='],
  ['a map', '%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n', '%'],
  ['a set', '~2\r\n+a\r\n+b\r\n', '~'],
  ['a push', '>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n', '>'],
  ['a value with an attribute', '|1\r\n+ttl\r\n:3600\r\n:7\r\n', ':'],
  ['an attribute inside an array', '*2\r\n|1\r\n+k\r\n*1\r\n:1\r\n:1\r\n:2\r\n', '*'],
  ['a streamed string', '$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n', '$'],
  ['a streamed array', '*?\r\n:1\r\n*2\r\n:1\r\n:2\r\n.\r\n', '*'],
  ['a streamed map', '%?\r\n+a\r\n:1\r\n.\r\n', '%'],
  ['a streamed string in a streamed set', '~?\r\n$?\r\n;1\r\na\r\n;0\r\n.\r\n', '~'],
];

describe('the walk over replies', () => {
  test.each(VALUES)('reads %s, cut anywhere, and what follows it', (_, text, type) => {
    const bytes = Buffer.from(`${text}+next\r\n`);
    fc.assert(
      fc.property(cuts(bytes), fc.boolean(), (chunks, stopAtItems) => {
        const { seen, broken, under } = walk(chunks, stopAtItems);
        expect(seen.map((value) => [value.type, value.end])).toEqual([
          [type, text.length],
          ['+', bytes.length],
        ]);
        expect({ broken, under }).toEqual({ broken: false, under: false });
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test('keeps the line of an error, the kind of a push, and the last count in it', () => {
    const moved = Buffer.from('-MOVED 3999 10.0.0.1:6379\r\n');
    const push = Buffer.from('>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:12\r\n');
    for (const chunks of [[moved, push], byteByByte(Buffer.concat([moved, push]))]) {
      expect(walk(chunks).seen.map(({ text }) => text)).toEqual(['MOVED 3999 10.0.0.1:6379', 'subscribe']);
    }
    const framer = new ReplyFramer();
    framer.read(push, 0);
    expect(framer).toMatchObject({ isPush: true, size: 3, integer: 12 });
  });

  test('stops behind the header and behind each item where it is asked to', () => {
    const text = '|1\r\n+a\r\n:1\r\n*3\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n|1\r\n+b\r\n:2\r\n:3\r\n';
    const ends = ['|1\r\n+a\r\n:1\r\n*3\r\n', '$1\r\na\r\n', '*2\r\n:1\r\n:2\r\n'];
    const expected = ends.map((_, index) => ends.slice(0, index + 1).join('').length);
    expect(walk([Buffer.from(text)], true).stops).toEqual(expected);
  });

  test('lets a body of a gigabyte go by', () => {
    const framer = new ReplyFramer();
    const chunk = Buffer.alloc(1024 * 1024, '\r');
    framer.read(Buffer.from(`$${1024 * chunk.length}\r\n`), 0);
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 1024; count++) framer.read(chunk, 0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    framer.read(Buffer.from('\r\n'), 0);
    expect(framer).toMatchObject({ complete: true, broken: false });
  });

  test.each([
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n'],
    ['a length that is no number', '$abc\r\n'],
    ['a bulk longer than announced', '$1\r\nabcdef'],
    ['a line without a carriage return', '+OK\n'],
    ['an end of a stream that never began', '.\r\n'],
    ['an end of a stream in an array that is counted', '*2\r\n.\r\n'],
    ['a part of a string that is not streamed', ';4\r\nabcd\r\n'],
    ['arrays nested without end', '*1\r\n'.repeat(100_000)],
  ])('gives up on %s', (_, text) => {
    expect(walk([Buffer.from(text)]).broken).toBe(true);
    if (text.length < 1000) expect(walk(byteByByte(Buffer.from(text))).broken).toBe(true);
  });

  test('survives any bytes at all, and gives up at the same place however they are cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc
        .string({ unit: fc.constantFrom(...'*$+-:%~>|;.?!012-\r\n'), maxLength: 80 })
        .map((text) => Buffer.from(text)),
      fc
        .array(fc.constantFrom(...VALUES.map(([, text]) => text), '*2\r\n', '|1\r\n', '*?\r\n'), {
          maxLength: 12,
        })
        .map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(
        bytes.chain((all) => fc.tuple(fc.constant(all), cuts(all))),
        ([all, chunks]) => {
          const whole = walk([all]);
          const cut = walk(chunks);
          expect(cut.broken).toBe(whole.broken);
          expect(cut.seen).toEqual(whole.seen);
        },
      ),
      { seed: 5, numRuns: 2000 },
    );
  });
});

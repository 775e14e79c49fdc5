import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyFramer } from '../../../src/protocols/redis/replies.ts';
import { RequestFramer } from '../../../src/protocols/redis/requests.ts';
import { endOfAnswer } from '../../../src/protocols/redis/whole-replies.ts';
import { byteByByte, cutAt, lent } from './pieces.ts';

/** Texts that are nearly replies or requests: all their parts, in any order, and any bytes between them. */
const soup = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(...'*$+-:%>_#,(!=~|;.0123456789'.split(''), '\r\n', '\r', '\n', '-1'),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom('$3\r\nGET\r\n', '$1\r\na\r\n', ':1\r\n', '+OK\r\n', '*2\r\n', '%1\r\n'),
      },
      { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

/** What was once read in two ways. */
const FOUND_REPLIES = [
  '$-1\r\n',
  '$-11\r\n',
  '*\r\n',
  '$\r\n',
  '+\n',
  '*1\r\n-E\r\n',
  '$0\r\n\r\n',
  '%1\r\n:1\r\n',
  '*-1\r\n',
  '$03\r\nabc\r\n',
];
const FOUND_REQUESTS = [
  '*0\r\n',
  '*-1\r\n',
  '*\r\n',
  '*1\r\n$\r\n',
  '*01\r\n$1\r\na\r\n',
  '*1\r\n$1\r\nab\r\n',
  '*1\r\n$-1\r\n',
  '*1\n$1\na\n',
];
const examples = (texts: readonly string[]): [Buffer][] => texts.map((text) => [Buffer.from(text, 'latin1')]);

function framedReply(bytes: Buffer) {
  const framer = new ReplyFramer();
  let end = 0;
  for (const piece of byteByByte(bytes)) {
    if (framer.complete || framer.broken) break;
    end += framer.read(piece, 0);
  }
  return { framer, end };
}

describe('hostile bytes', () => {
  test('whatever the short way takes for an answer, the walk takes for the same', () => {
    fc.assert(
      fc.property(soup, (bytes) => {
        const end = endOfAnswer(bytes, 0);
        const walked = framedReply(bytes);
        if (end < 0) return;
        expect(walked.framer.complete).toBe(true);
        expect(walked.framer.isError || walked.framer.isPush).toBe(false);
        expect(walked.end).toBe(end);
      }),
      { seed: 11, numRuns: 20_000, examples: examples(FOUND_REPLIES) },
    );
  });

  test('a request reads the same whole and byte by byte', () => {
    const read = (pieces: readonly Buffer[]) => {
      const framer = new RequestFramer();
      const seen: unknown[] = [];
      for (const piece of pieces) {
        lent(piece, (chunk) => {
          for (let at = 0; at < chunk.length && !framer.broken; ) {
            at = framer.read(chunk, at);
            if (!framer.complete) continue;
            const words = Array.from({ length: Math.min(framer.argc, 5) }, (_, index) => framer.text(index));
            seen.push([framer.argc, framer.command.name, words]);
          }
        });
      }
      return { seen, broken: framer.broken, under: framer.under };
    };
    fc.assert(
      fc.property(soup, fc.array(fc.nat(60), { maxLength: 5 }), (bytes, places) => {
        const whole = read([bytes]);
        const cuts = places.map((place) => place % (bytes.length + 1));
        expect(read(byteByByte(bytes))).toEqual(whole);
        expect(read(cutAt(bytes, cuts))).toEqual(whole);
      }),
      {
        seed: 12,
        numRuns: 10_000,
        examples: FOUND_REQUESTS.map((text): [Buffer, number[]] => [Buffer.from(text, 'latin1'), []]),
      },
    );
  });

  test.each([
    ['an argument', '*2\r\n$3\r\nGET\r\n$1073741824\r\n'],
    ['many arguments', '*1073741824\r\n$3\r\nDEL\r\n'],
  ])('keeps next to nothing of %s that is said to be a gigabyte', (_, head) => {
    const framer = new RequestFramer();
    framer.read(Buffer.from(head), 0);
    const argument = Buffer.from('$1000\r\n'.padEnd(1007, 'x').concat('\r\n').repeat(60));
    let kept = 0;
    for (let round = 0; round < 100 && !framer.broken; round++) framer.read(argument, 0);
    for (let index = 0; index < 300; index++) kept += framer.argument(index)?.length ?? 0;
    expect(kept).toBeLessThanOrEqual(64 * 1024);
    expect(framer.complete).toBe(false);
  });

  test('an inline command without end is refused, as Redis does', () => {
    const framer = new RequestFramer();
    for (let round = 0; round < 65 && !framer.broken; round++) framer.read(Buffer.alloc(1024, 'x'), 0);
    expect(framer.broken).toBe(true);
  });

  test('a reply that is said to be a gigabyte goes by uncounted, and so does an array of as many', () => {
    for (const head of ['$1073741824\r\n', '*1073741824\r\n', '%1073741824\r\n']) {
      const bytes = Buffer.from(head);
      expect(endOfAnswer(bytes, 0)).toBe(-1);
      const framer = new ReplyFramer();
      framer.read(bytes, 0);
      expect([framer.under, framer.broken]).toEqual([true, false]);
    }
  });

  test('nesting without end is no reply', () => {
    for (const level of ['*1\r\n', '%1\r\n', '>1\r\n', '|1\r\n', '*?\r\n']) {
      const bomb = Buffer.from(level.repeat(100_000));
      expect(endOfAnswer(bomb, 0)).toBe(-1);
      const framer = new ReplyFramer();
      framer.read(bomb, 0);
      expect(framer.broken).toBe(true);
    }
  });

  test('lengths that no number holds are refused', () => {
    for (const digits of ['9'.repeat(16), '9'.repeat(400), `1${'0'.repeat(15)}`]) {
      const reply = new ReplyFramer();
      reply.read(Buffer.from(`$${digits}\r\nx`), 0);
      const request = new RequestFramer();
      request.read(Buffer.from(`*1\r\n$${digits}\r\nx`), 0);
      expect([reply.broken, request.broken]).toEqual([true, true]);
    }
  });

  test.each(['\x00', '\x16\x03\x01', '\xff', '\x7f', '\x80'])(
    'a first byte %j is of another protocol',
    (first) => {
      const framer = new RequestFramer();
      framer.read(Buffer.from(`${first}hello\r\n`, 'latin1'), 0);
      expect(framer.broken).toBe(true);
    },
  );
});

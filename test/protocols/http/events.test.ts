import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriesEvent, readEvent, splitEvents } from '../../../src/protocols/http/events.ts';

const CASES: Readonly<Record<string, readonly string[]>> = {
  'lines that end with LF': ['data: a\n\n', 'data: b\n\n'],
  'lines that end with CRLF': ['event: x\r\ndata: a\r\n\r\n', 'data: b\r\n\r\n'],
  'lines that end with CR': ['data: a\r\r', 'data: b\r\r'],
  'line ends that are mixed': ['data: a\r\n\n', 'data: b\n\r\n', 'data: c\r\n\r\n'],
  'several data lines': ['data: a\ndata: b\nid: 1\n\n', 'data: [DONE]\n\n'],
  'comments between events': [': ping\n\n', 'data: a\n\n', ':\n\n', 'data: b\n\n'],
  'blank lines beyond the closing one': ['data: a\n\n', '\n\ndata: b\n\n'],
  'characters of several bytes': ['data: “é€😀”\n\n', 'data: ü\n\n'],
};

function split(chunks: readonly Buffer[], cap?: number): { events: string[]; rest: string } {
  const splitter = splitEvents(cap);
  const events = chunks.flatMap((chunk) => splitter.push(chunk).map(String));
  return { events, rest: splitter.end().toString() };
}

describe('The splitter of server-sent events', () => {
  for (const [name, events] of Object.entries(CASES)) {
    const whole = Buffer.from(events.join(''));

    it(`splits ${name} given whole`, () => {
      expect(split([whole])).toEqual({ events, rest: '' });
    });

    it(`splits ${name} given byte by byte`, () => {
      const bytes = [...whole].map((byte) => Buffer.from([byte]));
      const { events: seen, rest } = split(bytes);
      expect(seen.join('') + rest).toBe(whole.toString());
      expect(seen.map((event) => event.trim())).toEqual(events.map((event) => event.trim()));
    });

    it(`splits ${name} given at random splits`, () => {
      fc.assert(
        fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
          const chunks = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
          const { events: seen, rest } = split(chunks);
          expect(seen.join('') + rest).toBe(whole.toString());
          expect(seen.map((event) => event.trim())).toEqual(events.map((event) => event.trim()));
        }),
      );
    });
  }

  it('closes an event at a CR and leaves a late LF to what follows', () => {
    const splitter = splitEvents();
    expect(splitter.push(Buffer.from('data: a\r\n\r')).map(String)).toEqual(['data: a\r\n\r']);
    expect(splitter.push(Buffer.from('\ndata: b\r\n\r\n')).map(String)).toEqual(['\ndata: b\r\n\r\n']);
  });

  it('keeps an event without its closing blank line until the end', () => {
    expect(split([Buffer.from('data: a\n\nda'), Buffer.from('ta: b\n')])).toEqual({
      events: ['data: a\n\n'],
      rest: 'data: b\n',
    });
  });

  it('never loses, repeats or reorders a byte, whatever comes', () => {
    const byte = fc.constantFrom(0x0a, 0x0d, 0x3a, 0x61, 0xff);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.array(byte)), (noise, lines) => {
        const chunks = [...noise, ...lines].map((bytes) => Buffer.from(bytes));
        const splitter = splitEvents(16);
        const out = [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), splitter.end()];
        expect(Buffer.concat(out).equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it('gives up on an event beyond its cap and hands bytes through from then on', () => {
    const splitter = splitEvents(8);
    expect(splitter.push(Buffer.from('data: ')).map(String)).toEqual([]);
    expect(splitter.push(Buffer.from('toolong')).map(String)).toEqual(['data: toolong']);
    expect(splitter.opaque).toBe(true);
    expect(splitter.push(Buffer.from('\n\nd')).map(String)).toEqual(['\n\nd']);
    expect(splitter.end()).toHaveLength(0);
  });
});

describe('A piece of an event stream', () => {
  it.each([
    ['data: a\n\n', true],
    ['event: ping\n\n', true],
    [': keep-alive\n\n', false],
    ['\r\n', false],
    [': note\ndata: a\n\n', true],
    ['data\n\n', true],
    ['\ufeffdata: a\n\n', true],
    ['\ufeff: note\n\n', false],
    ['retry: 3000\nid: 7\n\n', false],
    ['database: x\n\n', false],
    [': data: a\n\n', false],
  ])('%j carries an event: %s', (piece, expected) => {
    expect(carriesEvent(Buffer.from(piece))).toBe(expected);
  });

  it('is read without the byte order mark that a stream may begin with', () => {
    expect(readEvent(Buffer.from('\ufeffdata: a\n\n')).data).toBe('a');
  });

  it('is read by name and data', () => {
    expect(readEvent(Buffer.from(':c\r\nevent: delta\r\ndata: {"a":\r\ndata:1}\r\nid\r\n\r\n'))).toEqual({
      name: 'delta',
      data: '{"a":\n1}',
    });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementStart, splitElements } from '../../../src/protocols/http/elements.ts';
import { readEvent, withData } from '../../../src/protocols/http/events.ts';

function split(chunks: readonly Buffer[]): string[] {
  const splitter = splitElements();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), splitter.end()]
    .map(String)
    .filter((piece) => piece !== '');
}

const STREAM = '[{\n  "a": "]}\\"[{"\n}\n,\r\n{"b": [1, {"c": "ü"}]}\n]\n';
const PIECES = ['[{\n  "a": "]}\\"[{"\n}', '\n,\r\n{"b": [1, {"c": "ü"}]}', '\n]', '\n'];

describe('A stream that is one JSON array', () => {
  it('is split into its elements, each as soon as it is there, whole, byte by byte, and at any place', () => {
    const whole = Buffer.from(STREAM);
    expect(split([whole])).toEqual(PIECES);
    expect(split([...whole].map((byte) => Buffer.from([byte])))).toEqual(PIECES);
    for (let at = 0; at <= whole.length; at++) {
      expect(split([whole.subarray(0, at), whole.subarray(at)])).toEqual(PIECES);
    }
  });

  it('gives back the elements of any array, however it is written', () => {
    const layout = fc.constantFrom(undefined, 1, 2, '\t');
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), layout, (list, space) => {
        const pieces = split([Buffer.from(JSON.stringify(list, undefined, space))]).map((piece) =>
          Buffer.from(piece),
        );
        const read = pieces.filter((piece) => elementStart(piece) >= 0).map((piece) => readEvent(piece).data);
        expect(read.map((data) => JSON.parse(data))).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });

  it('neither loses nor repeats a byte of what is no array', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]{}",\\ a') }), (text) => {
        expect(split([Buffer.from(text)]).join('')).toBe(text);
      }),
    );
  });

  it('gives up on an element beyond its cap and hands bytes through from then on', () => {
    const splitter = splitElements(8);
    expect(splitter.push(Buffer.from('[{},{"a":')).map(String)).toEqual(['[{}']);
    expect(splitter.push(Buffer.from('"toolong')).map(String)).toEqual([',{"a":"toolong']);
    expect(splitter.opaque).toBe(true);
    expect(splitter.push(Buffer.from('"}]')).map(String)).toEqual(['"}]']);
  });

  it.each([
    ['[{}', 1],
    [',\r\n{"a":1}', 3],
    ['{}', 0],
    [']', -1],
    ['\n', -1],
    ['data: {}', -1],
  ])('has in %j an object at %d', (piece, start) => {
    expect(elementStart(Buffer.from(piece))).toBe(start);
  });

  it('keeps the comma before an element that is put in the place of another', () => {
    expect(withData(Buffer.from(',\r\n{"a":1}'), '{"b":2}').toString()).toBe(',\r\n{"b":2}');
  });
});

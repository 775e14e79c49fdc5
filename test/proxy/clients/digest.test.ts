import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Digester } from '../../../src/proxy/clients/digest.ts';

const digestOf = (head: string, ...chunks: readonly Uint8Array[]) => {
  const digester = new Digester().text(head);
  for (const chunk of chunks) digester.bytes(chunk);
  return [digester.half, digester.proof];
};

it('is the same however its bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), fc.nat(64), (bytes, first, second) => {
      const [from, to] = [Math.min(first, second), Math.max(first, second)];
      const cut = digestOf('x', bytes.slice(0, from), bytes.slice(from, to), bytes.slice(to));
      expect(cut).toEqual(digestOf('x', bytes));
    }),
  );
});

it('tells apart what differs in a single bit, in length, or in where the head ends', () => {
  const bytes = new Uint8Array(37);
  const seen = new Set([String(digestOf('ab', bytes))]);
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 128]) seen.add(String(digestOf('ab', bytes.with(at, bit))));
  }
  for (let length = 0; length < bytes.length; length++)
    seen.add(String(digestOf('ab', bytes.slice(0, length))));
  seen.add(String(digestOf('a', bytes)));
  expect(seen.size).toBe(1 + 2 * 37 + 37 + 1);
});

it('finds no two of a hundred thousand alike', () => {
  const seen = new Set<string>();
  for (let number = 0; number < 100_000; number++) {
    seen.add(String(digestOf('GET', Buffer.from(`/workspaces/${number}`))));
  }
  expect(seen.size).toBe(100_000);
});

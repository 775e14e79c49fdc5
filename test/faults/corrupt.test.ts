import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededUnit } from '../../src/core/hash.ts';
import { corrupt } from '../../src/faults/corrupt.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

/** Numbers in [0, 1), the same in every run. */
function draws(): () => number {
  let number = 0;
  return () => seededUnit('corrupt', number++);
}

function differences(before: string, after: string): number[] {
  return [...before].flatMap((char, index) => (char === after[index] ? [] : [index]));
}

describe('corrupt', () => {
  test('changes its share of the bytes and keeps their number, however they are cut into chunks', () => {
    const text = 'x'.repeat(200_000);
    const results = [200_000, 997, 1].map((size) => {
      const played = playBytes(corrupt, { rate: '1%' }, { random: draws() });
      for (let at = 0; at < text.length; at += size) played.push(text.slice(at, at + size));
      return played.out.map((line) => line.slice(2)).join('');
    });
    const digests = results.map((result) => createHash('sha256').update(result).digest('hex'));
    expect(new Set(digests).size).toBe(1);
    const played = playBytes(corrupt, { rate: '1%' }, { random: draws() });
    const chunk = Buffer.from(text);
    const changed = collect(played, chunk);
    expect(changed).toHaveLength(chunk.length);
    // 2000 are expected; five standard deviations are 222.
    expect(Math.abs(changed.filter((byte) => byte !== 0x78).length - 2000)).toBeLessThan(222);
    expect(chunk.every((byte) => byte === 0x78)).toBe(true);
  });

  test('spares the first bytes of a connection', () => {
    const played = playBytes(corrupt, { rate: 1, after: 3 });
    played.push('ab');
    expect(played.behaviour.spoiled).toBe(false);
    played.push('cdef');
    expect(played.out[0]).toBe('0 ab');
    expect(differences('cdef', played.out[1]!.slice(2))).toEqual([1, 2, 3]);
    expect(played.behaviour.spoiled).toBe(true);
    expect(played.injections).toBe(1);
  });

  test('changes nothing with a rate of 0, and follows a rate that changes', () => {
    const played = playBytes(corrupt, { rate: 0 });
    played.push('abc');
    expect([played.out, played.injections]).toEqual([['0 abc'], 0]);
    played.change({ rate: 1 });
    played.push('abc');
    expect(differences('abc', played.out[1]!.slice(2))).toEqual([0, 1, 2]);
  });

  test('explains itself', () => {
    expect(corrupt.explain(corrupt.attributes.parse({ rate: '1%', after: '1KiB' }))).toBe(
      'change 1% of the bytes after the first 1 KiB',
    );
  });
});

/** What comes out of a chunk, as bytes: a changed byte need not be text. */
function collect(played: ReturnType<typeof playBytes>, chunk: Buffer): Buffer {
  const out: Buffer[] = [];
  const behaviour = corrupt.create({
    clock: played.clock,
    opened: 'after',
    attributes: { rate: 0.01, after: 0 },
    random: draws(),
    shared: (_, make) => make(),
    emit: (bytes) => void out.push(bytes),
    emitEnd: () => {},
    close: () => {},
    injected: () => {},
  });
  behaviour.push(chunk);
  return Buffer.concat(out);
}

describe('corrupt on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('reaches the client, and closes what it spoiled, and only that, when taken back', async () => {
    it.put({ type: 'corrupt', attributes: { rate: 1, after: 2 } });
    const spoiled = it.client();
    const upstream = await until('the first is connected', () => it.accepted[0]);
    const clean = it.client();
    const second = await until('the second is connected', () => it.accepted[1]);
    upstream.send('abcd');
    second.send('ok');
    await clean.sees('ok');
    await until('all bytes have come', () => spoiled.text.length >= 4);
    expect(spoiled.text.startsWith('ab')).toBe(true);
    expect(spoiled.text).not.toBe('abcd');
    it.plane.emptyFaults();
    await spoiled.end();
    clean.send('up');
    await second.sees('up');
    second.send('down');
    await clean.sees('down');
  });
});

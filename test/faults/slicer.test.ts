import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sliceEnds, slicer } from '../../src/faults/slicer.ts';
import { type Bench, bench } from '../proxy/bench.ts';
import { until } from '../support/until.ts';
import { playBytes } from './harness.ts';

describe('slicer', () => {
  test('cuts a chunk into pieces with a pause after each', () => {
    const played = playBytes(slicer, { average_size: 2, delay: '10ms' });
    played.push('abcdefgh');
    played.clock.advance(15);
    played.push('ij');
    played.behaviour.end();
    played.clock.advance(1000);
    expect(played.out).toEqual(['0 ab', '10 cd', '20 ef', '30 gh', '40 ij', '40 end']);
  });

  test('reads a bare delay as microseconds', () => {
    expect(slicer.attributes.parse({ delay: 500 }).delay).toBe(500);
    expect(slicer.attributes.parse({ delay: '10ms' }).delay).toBe(10_000);
  });

  test('makes pieces that join up, none above average and variation', () => {
    const seeded = fc.noShrink(fc.integer({ min: 0, max: 999 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 0, max: 900 }),
        fc.infiniteStream(seeded),
        (length, average, variation, randoms) => {
          const ends = sliceEnds(length, average, variation, () => randoms.next().value / 1000);
          expect(ends.at(-1)).toBe(length);
          let start = 0;
          for (const end of ends) {
            expect(end).toBeGreaterThan(start);
            expect(end - start).toBeLessThanOrEqual(average + variation);
            start = end;
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('hands the rest on in order when taken back', () => {
    const played = playBytes(slicer, { average_size: 2, delay: '10ms' });
    played.push('abcdef');
    played.behaviour.end();
    played.behaviour.release();
    expect(played.out).toEqual(['0 a', '0 bc', '0 d', '0 ef', '0 end']);
    expect(played.clock.pending).toBe(0);
  });

  test('refuses an average size of 0, on which Toxiproxy recurses without end', () => {
    expect(() => slicer.attributes.parse({ average_size: 0 })).toThrow('at least 1 byte');
  });
});

describe('slicer on real sockets', () => {
  let it: Bench;
  beforeEach(async () => {
    it = await bench();
  });
  afterEach(() => it.close());

  test('delivers small pieces', async () => {
    it.put({ type: 'slicer', stream: 'upstream', attributes: { average_size: 10, delay: '5ms' } });
    const client = it.client();
    const upstream = await until('the upstream is connected', () => it.accepted[0]);
    let pieces = 0;
    upstream.socket.on('data', () => pieces++);
    client.send('0123456789'.repeat(16));
    await until('all has come', () => upstream.text.length === 160);
    expect(pieces).toBeGreaterThan(4);
    expect(upstream.text).toBe('0123456789'.repeat(16));
  });
});

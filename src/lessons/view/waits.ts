import { decodeFromCompressedBase64 } from 'hdr-histogram-js';

/** Quantiles of times, ms. */
export interface Waits {
  readonly count: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly max: number;
  /** Largest share of them that lies within 6% of each other. */
  readonly alike: number;
}

/** Reads a histogram of an observation: HdrHistogram V2 of microseconds, compressed and base64. Null for none. */
export function waitsOf(histogram: string): Waits | null {
  if (histogram === '') return null;
  const decoded = decodeFromCompressedBase64(histogram);
  if (decoded.totalCount === 0) return null;
  const at = (percent: number) => decoded.getValueAtPercentile(percent) / 1000;
  return {
    count: decoded.totalCount,
    p10: at(10),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    max: decoded.maxValue / 1000,
    alike: alikeOf(Array.from({ length: 100 }, (_, index) => at(index + 0.5))),
  };
}

const ALIKE = 1.06;

/** Of sorted values, zero or more. */
function alikeOf(sorted: readonly number[]): number {
  let [most, first] = [0, 0];
  for (const [last, value] of sorted.entries()) {
    while (sorted[first]! * ALIKE < value) first++;
    most = Math.max(most, last - first + 1);
  }
  return most / sorted.length;
}

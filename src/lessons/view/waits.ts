import { decodeFromCompressedBase64 } from 'hdr-histogram-js';

/** Quantiles of times, ms. */
export interface Waits {
  readonly count: number;
  readonly p5: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly max: number;
}

/** Reads a histogram of an observation: HdrHistogram V2 of microseconds, compressed and base64. Null for none. */
export function waitsOf(histogram: string): Waits | null {
  if (histogram === '') return null;
  const decoded = decodeFromCompressedBase64(histogram);
  if (decoded.totalCount === 0) return null;
  const at = (percent: number) => decoded.getValueAtPercentile(percent) / 1000;
  return {
    count: decoded.totalCount,
    p5: at(5),
    p10: at(10),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    max: decoded.maxValue / 1000,
  };
}

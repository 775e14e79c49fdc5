import { decodeFromCompressedBase64 } from 'hdr-histogram-js';

/** What an observation's histogram of microseconds holds. */
export function waitsOf(text: string): { count: number; minMs: number; maxMs: number } {
  if (text === '') return { count: 0, minMs: 0, maxMs: 0 };
  const histogram = decodeFromCompressedBase64(text);
  return {
    count: histogram.totalCount,
    minMs: histogram.minNonZeroValue / 1000,
    maxMs: histogram.maxValue / 1000,
  };
}

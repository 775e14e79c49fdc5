import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/** An hour: what takes longer counts as an hour. */
const HIGHEST_US = 3_600_000_000;

/** Microseconds in an HdrHistogram to two digits, whose text is made anew only where it changed. */
export class MicrosecondHistogram {
  #histogram: Histogram | undefined;
  #text = '';
  #changed = false;

  record(microseconds: number, times = 1): void {
    this.#histogram ??= build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: HIGHEST_US,
      numberOfSignificantValueDigits: 2,
    });
    const value = Math.min(HIGHEST_US, Math.max(0, Math.round(microseconds)));
    this.#histogram.recordValueWithCount(value, times);
    this.#changed = true;
  }

  /** V2 encoding, compressed, in base64; empty when nothing was recorded. */
  get text(): string {
    if (this.#changed && this.#histogram) this.#text = encodeIntoCompressedBase64(this.#histogram);
    this.#changed = false;
    return this.#text;
  }
}

import type { Expectation } from '../core/expectation.ts';
import type { Sample } from '../core/ports.ts';

/** A sample as the watch keeps it. */
export interface Kept {
  readonly sample: Sample;
  /** When it was known, monotonic ms. */
  readonly end: number;
  /** The `status` and `value` expectations that it misses; none where there was no answer to hold against them. */
  readonly missed: readonly Expectation[];
}

/** At four samples a second, more than six hours. */
const CAPACITY = 100_000;

/** One probe's samples in the order in which they ended. */
export class Samples {
  #kept: Kept[] = [];

  add(kept: Kept): void {
    this.#kept.push(kept);
    if (this.#kept.length > CAPACITY * 1.1) this.#kept = this.#kept.slice(-CAPACITY);
  }

  /** When the newest sample began, or undefined for none. Samples overlap, so it need not be the last that ended. */
  get newestBegin(): number | undefined {
    let newest: number | undefined;
    for (const { sample } of this.#kept.slice(-64)) newest = Math.max(newest ?? sample.mono, sample.mono);
    return newest;
  }

  /**
   * Those that ended within `span` before `at`, or as many further back as make `least`; none that began before `since`.
   * By their end, because a slow sample is known only then: counted by their begin, stalled ones would be under-represented.
   */
  window(at: number, span: number, least: number, since: number): readonly Kept[] {
    const found: Kept[] = [];
    for (let index = this.#after(at) - 1; index >= 0; index--) {
      const kept = this.#kept[index]!;
      const outside = kept.end <= at - span && found.length >= least;
      // Nothing that ended before `since` can have begun after it.
      if (outside || kept.end < since) break;
      if (kept.sample.mono >= since) found.push(kept);
    }
    return found.reverse();
  }

  /** Index of the first that ended after `at`. */
  #after(at: number): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#kept[middle]!.end <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

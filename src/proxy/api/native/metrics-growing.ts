import { isDeepStrictEqual } from 'node:util';
import type { Counter } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

interface Seen {
  readonly epoch: number;
  readonly value: number;
  readonly labels: Labels;
  /** With those that may change. */
  readonly whole: Labels;
}

/** A counter that adds what a count gained since it was last seen in the same epoch; a new epoch counts from 0. */
export class Growing {
  readonly #counter: Counter;
  readonly #last = new Map<string, Seen>();

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  /** @param more labels that may change while the count goes on; the series with the old ones then ends */
  take(epoch: number, labels: Labels, value: number, more: Labels = {}): void {
    const key = JSON.stringify(labels);
    const before = this.#last.get(key);
    const gained = value - (before?.epoch === epoch && before.value <= value ? before.value : 0);
    const whole = { ...labels, ...more };
    if (before && !isDeepStrictEqual(before.whole, whole)) this.#counter.remove(before.whole);
    this.#counter.inc(whole, gained);
    this.#last.set(key, { epoch, value, labels, whole });
  }

  /** Ends all series that have these labels. */
  forget(labels: Labels): void {
    for (const [key, seen] of this.#last) {
      if (Object.entries(labels).some(([name, value]) => seen.labels[name] !== value)) continue;
      this.#last.delete(key);
      this.#counter.remove(seen.whole);
    }
  }
}

import type { Match } from '../core/fault.ts';

/**
 * Numbers the units that pass a fault's `match`, from 1, and says which are taken: skip the first `after`, then take
 * one in `every`, beginning with the first, and stop once `first` have been taken.
 */
export class Numbering {
  readonly #after: number;
  readonly #every: number;
  readonly #first: number;
  #count = 0;
  #taken = 0;

  constructor({ after = 0, every = 1, first = Number.POSITIVE_INFINITY }: Match = {}) {
    this.#after = after;
    this.#every = every;
    this.#first = first;
  }

  /** Units numbered so far. */
  get count(): number {
    return this.#count;
  }

  /** The number of a unit that is taken; undefined for one that is not. */
  next(): number | undefined {
    const number = ++this.#count;
    if (number <= this.#after || (number - this.#after - 1) % this.#every !== 0) return undefined;
    if (this.#taken >= this.#first) return undefined;
    this.#taken++;
    return number;
  }
}

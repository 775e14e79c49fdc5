/** One thing a workspace remembers. */
export interface Memory {
  readonly features: Float64Array;
}

/** Deviations from no correlation at which two memories together are an insight: about one pair in twenty. */
const INSIGHT = 1.66;

/** The features of a text: always the same for the same text, unlike for another. */
export function memoryOf(text: string, features: number): Memory {
  let state = 2166136261;
  for (const letter of text) state = Math.imul(state ^ letter.codePointAt(0)!, 16777619);
  const values = new Float64Array(features);
  for (let at = 0; at < features; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    values[at] = ((state >>> 0) / 2 ** 32) * 2 - 1;
  }
  return { features: values };
}

/** Correlates every two of the memories, piece by piece; the work grows with the square of their number. */
export class Correlation {
  readonly #memories: readonly Memory[];
  #row = 1;
  #column = 0;
  #done = 0;
  #insights = 0;

  constructor(memories: readonly Memory[]) {
    this.#memories = memories;
  }

  get memories(): number {
    return this.#memories.length;
  }

  /** Pairs compared so far. */
  get correlations(): number {
    return this.#done;
  }

  get insights(): number {
    return this.#insights;
  }

  get complete(): boolean {
    return this.#row >= this.#memories.length;
  }

  /** Compares at most so many pairs more. */
  advance(most: number): void {
    for (let left = most; left > 0 && !this.complete; left--) this.#compare();
  }

  #compare(): void {
    const one = this.#memories[this.#row]!.features;
    const other = this.#memories[this.#column]!.features;
    if (cosine(one, other) * Math.sqrt(one.length) > INSIGHT) this.#insights++;
    this.#done++;
    this.#column++;
    if (this.#column < this.#row) return;
    this.#row++;
    this.#column = 0;
  }
}

function cosine(one: Float64Array, other: Float64Array): number {
  let product = 0;
  let ours = 0;
  let theirs = 0;
  for (let at = 0; at < one.length; at++) {
    const left = one[at]!;
    const right = other[at]!;
    product += left * right;
    ours += left * left;
    theirs += right * right;
  }
  return product / Math.sqrt(ours * theirs);
}

/**
 * Names that clients choose, as values of a label: at most `most` of them at a time, the rest together as `other`, so that no
 * client can fill a monitoring system with series.
 */
export class BoundedNames {
  readonly #most: number;
  readonly #forget: (name: string) => void;
  readonly #known = new Set<string>();

  /** @param forget called for a name that has made room for another */
  constructor(most: number, forget: (name: string) => void) {
    this.#most = most;
    this.#forget = forget;
  }

  /** Makes room for what an epoch begins with; within an epoch a name keeps the label that it has. */
  renew(live: readonly string[]): void {
    const coming = live.filter((name) => !this.#known.has(name)).length;
    for (const name of [...this.#known]) {
      if (this.#known.size + coming <= this.#most) return;
      if (live.includes(name)) continue;
      this.#known.delete(name);
      this.#forget(name);
    }
  }

  labelOf(name: string): string {
    if (!this.#known.has(name) && this.#known.size < this.#most) this.#known.add(name);
    return this.#known.has(name) ? name : 'other';
  }
}

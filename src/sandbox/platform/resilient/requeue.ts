/**
 * Gives work back to a store that may itself be failing: what cannot be given back now is given back later. Knows what
 * this process holds, so that what it does not know of can be told from what it works on.
 */
export class Requeue {
  readonly #giveBack: (ids: readonly string[]) => Promise<unknown>;
  readonly #held = new Set<string>();
  readonly #waiting = new Set<string>();
  #done = 0;

  /** @param giveBack makes these tasks takeable again; must tolerate being told twice */
  constructor(giveBack: (ids: readonly string[]) => Promise<unknown>) {
    this.#giveBack = giveBack;
  }

  /** Tasks that could not be given back yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Tasks that were given back. */
  get done(): number {
    return this.#done;
  }

  /** Tasks taken and not settled. */
  get held(): readonly string[] {
    return [...this.#held];
  }

  hold(id: string): void {
    this.#held.add(id);
  }

  /** It has come to its end. */
  settle(id: string): void {
    this.#held.delete(id);
  }

  /** It is to be taken again. */
  add(id: string): void {
    this.#waiting.add(id);
  }

  /** Tries once for all that wait; on a failure they go on waiting. */
  async flush(): Promise<void> {
    const ids = [...this.#waiting];
    if (ids.length === 0) return;
    await this.#giveBack(ids);
    for (const id of ids) {
      this.#waiting.delete(id);
      this.#held.delete(id);
    }
    this.#done += ids.length;
  }
}

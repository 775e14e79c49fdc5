/** Repeats an act that should succeed within a time. Two failures in a row count, a single one does not. */
export class Check {
  readonly #act: () => Promise<unknown>;
  readonly #limit: number;
  readonly #now: () => number;
  #since: number | undefined;
  #failures = 0;

  constructor(act: () => Promise<unknown>, limit: number, now: () => number = () => performance.now()) {
    this.#act = act;
    this.#limit = limit;
    this.#now = now;
  }

  /** Not when the act has failed twice, or is still waiting beyond its time. */
  get ok(): boolean {
    return this.#failures < 2 && !this.#late();
  }

  /** Begins the act, unless it is still under way: what hangs is not to be piled up. */
  run(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#now();
    this.#act().then(
      () => this.#end(this.#late()),
      () => this.#end(true),
    );
  }

  #late(): boolean {
    return this.#since !== undefined && this.#now() - this.#since > this.#limit;
  }

  #end(failed: boolean): void {
    this.#failures = failed ? this.#failures + 1 : 0;
    this.#since = undefined;
  }
}

const ENOUGH = 2;

/** Repeats an act that should succeed within a time. Two failures in a row count, a single quick one does not. */
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
    return this.#failures < ENOUGH && !this.#late();
  }

  /** Begins the act, unless it is still under way: what hangs is not to be piled up. */
  run(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#now();
    this.#act().then(
      () => this.#end(this.#late() ? ENOUGH : 0),
      () => this.#end(this.#late() ? ENOUGH : this.#failures + 1),
    );
  }

  #late(): boolean {
    return this.#since !== undefined && this.#now() - this.#since > this.#limit;
  }

  #end(failures: number): void {
    this.#failures = failures;
    this.#since = undefined;
  }
}

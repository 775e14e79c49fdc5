import type { Attempt } from './attempt.ts';
import type { Digest } from './digest.ts';
import { ABANDONED, type ClientWatch, FAILED, WHOLE } from './watch.ts';

/**
 * What the client of one connection is seen to ask, while somebody wants to know: one statement or command at a time, of
 * those that it sends together the first. So what is alike at one moment is so on different connections.
 */
export class ConnectionWatch {
  readonly #watch: ClientWatch | undefined;
  #attempt: Attempt | undefined;
  #unit: object | undefined;

  /** Without a watch nothing is seen. */
  constructor(watch: ClientWatch | undefined) {
    this.#watch = watch;
  }

  /** Whether what comes now is looked at. */
  get free(): boolean {
    return this.#attempt === undefined && this.#watch?.asked === true;
  }

  /** A unit comes while it is free; without a digest it is not to be known again. */
  begin(unit: object, digest: Digest | undefined): void {
    this.#attempt = this.#watch!.begin();
    this.#unit = unit;
    if (digest) this.#watch!.known(this.#attempt, digest);
  }

  /** What stands for the unit from now on. */
  handOver(unit: object, to: object): void {
    if (this.#unit === unit) this.#unit = to;
  }

  over(unit: object, failed: boolean): void {
    if (this.#unit === unit) this.#end(failed ? FAILED : WHOLE);
  }

  /** The client is gone: it does not want the answer any more. */
  clientGone(): void {
    this.#end(ABANDONED);
  }

  /** No answer comes any more. */
  noAnswer(): void {
    this.#end(FAILED);
  }

  #end(ending: typeof WHOLE): void {
    if (!this.#attempt) return;
    this.#watch!.end(this.#attempt, ending);
    this.#attempt = undefined;
    this.#unit = undefined;
  }
}

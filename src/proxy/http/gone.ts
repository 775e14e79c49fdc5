import type { Released } from '../release.ts';

/** Says, once, that a client is gone. */
export type Gone = Released;

/** Made for each request, which an AbortController is too costly for: node:events sets up an event target for its signal. */
export class ClientGone implements Gone {
  #aborted = false;
  #listeners: readonly (() => void)[] = [];

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    if (this.#listeners.length > 0) this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners = [];
  }
}

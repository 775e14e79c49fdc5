import type { Clock } from '../core/clock.ts';
import type { Observation } from '../core/observation.ts';

type Listener = (observation: Observation) => void;

const EVERY_MS = 1000;

/** Tells listeners once a second what is seen; nobody listening costs nothing. */
export class Observations {
  readonly #clock: Clock;
  readonly #look: () => Observation;
  readonly #listeners = new Set<Listener>();
  #cancel: (() => void) | undefined;
  #due = 0;

  constructor(clock: Clock, look: () => Observation) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Somebody listens. */
  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#due = this.#clock.now() + EVERY_MS;
      this.#arm();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  tell(): void {
    if (this.#listeners.size === 0) return;
    const observation = this.#look();
    for (const listener of [...this.#listeners]) listener(observation);
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(Math.max(0, this.#due - this.#clock.now()), () => {
      this.tell();
      // From the time it was due, so that events do not drift; what a stalled process missed is not made up.
      this.#due = Math.max(this.#due + EVERY_MS, this.#clock.now());
      if (this.#listeners.size > 0) this.#arm();
    });
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

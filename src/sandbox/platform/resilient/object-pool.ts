export interface ObjectPoolLimits {
  /** How many are kept for the next user. */
  readonly keep: number;
  /** How many may exist at once. */
  readonly breakAt: number;
}

export const OBJECT_POOL_LIMITS: ObjectPoolLimits = { keep: 1000, breakAt: 10_000 };

export class ObjectPoolExhausted extends Error {
  constructor(breakAt: number) {
    super(`${breakAt} objects are in use, and no more are made`);
    this.name = 'ObjectPoolExhausted';
  }
}

/** Lends objects that are costly to make; at most so many exist, whatever the load. */
export class ObjectPool<T> {
  readonly #make: () => T;
  readonly #reset: (object: T) => void;
  readonly #limits: ObjectPoolLimits;
  readonly #idle: T[] = [];
  readonly #lent = new Set<T>();
  #made = 0;

  constructor(make: () => T, reset: (object: T) => void, limits: ObjectPoolLimits) {
    this.#make = make;
    this.#reset = reset;
    this.#limits = limits;
  }

  get lent(): number {
    return this.#lent.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /** How many were ever made. */
  get made(): number {
    return this.#made;
  }

  /** @throws ObjectPoolExhausted when as many are lent as may exist */
  take(): T {
    if (this.#lent.size >= this.#limits.breakAt) throw new ObjectPoolExhausted(this.#limits.breakAt);
    const object = this.#idle.pop() ?? this.#new();
    this.#lent.add(object);
    return object;
  }

  /** What was not lent, or was given back before, is ignored. */
  give(object: T): void {
    if (!this.#lent.delete(object)) return;
    if (this.#idle.length >= this.#limits.keep) return;
    // The next user must not see what the last one left in it.
    this.#reset(object);
    this.#idle.push(object);
  }

  #new(): T {
    this.#made++;
    return this.#make();
  }
}

/** What a cache holds under a key. */
interface Entry<T> {
  readonly value: T;
  /** Wall clock, in ms. */
  readonly freshUntil: number;
}

export interface Store {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, seconds: number): Promise<unknown>;
}

export interface SingleFlightOptions {
  readonly store: Store;
  readonly seconds: number;
  /** How many times its life a stale value is still served while it is loaded anew. */
  readonly staleFor: number;
  /** Share of its life by which the end of a value is spread, either way. */
  readonly jitter: number;
  readonly random?: () => number;
  readonly now?: () => number;
  readonly onHit?: (kind: 'fresh' | 'stale') => void;
  readonly onMiss?: () => void;
  /** One load began, for this key. */
  readonly onLoad?: (key: string) => void;
}

/**
 * A cache that is never stampeded: those who miss the same key share one load, a value past its life is served while
 * one load replaces it, and values do not all end at the same moment.
 */
export class SingleFlight {
  readonly #options: Required<SingleFlightOptions>;
  readonly #loading = new Map<string, Promise<unknown>>();

  constructor(options: SingleFlightOptions) {
    const nothing = () => {};
    this.#options = {
      random: Math.random,
      now: Date.now,
      onHit: nothing,
      onMiss: nothing,
      onLoad: nothing,
      ...options,
    };
  }

  /** The value under `key`; `load` is asked for it when there is none, and its `undefined` is not kept. */
  async get<T>(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const { store, now, onHit, onMiss } = this.#options;
    // A cache that fails costs time, not the answer.
    const text = await store.get(key).catch(() => null);
    if (text === null) {
      onMiss();
      return this.#load(key, load);
    }
    const entry = JSON.parse(text) as Entry<T>;
    if (entry.freshUntil > now()) {
      onHit('fresh');
    } else {
      onHit('stale');
      this.#load(key, load).catch(() => {});
    }
    return entry.value;
  }

  /** Loads `key` now, unless that is under way. */
  refresh<T>(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    return this.#load(key, load);
  }

  #load<T>(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const underWay = this.#loading.get(key);
    if (underWay) return underWay as Promise<T | undefined>;
    this.#options.onLoad(key);
    const loading = load()
      .then(async (value) => {
        if (value !== undefined) await this.#keep(key, value);
        return value;
      })
      .finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #keep(key: string, value: unknown): Promise<void> {
    const { store, seconds, jitter, staleFor, random, now } = this.#options;
    const life = seconds * (1 + jitter * (2 * random() - 1));
    const entry: Entry<unknown> = { value, freshUntil: now() + life * 1000 };
    await store.set(key, JSON.stringify(entry), Math.ceil(life * (1 + staleFor))).catch(() => {});
  }
}

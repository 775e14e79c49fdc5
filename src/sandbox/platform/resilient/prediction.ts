import { chanceAbove, Holt } from './holt.ts';

export interface Preparation {
  readonly name: string;
  /** Confidence from which it is done; default: the manager's own. */
  readonly above?: number;
  prepare(): unknown;
  /** Takes it back once no rush is foreseen any more. */
  relax?(): unknown;
}

/** One preparation that was made or taken back. */
export interface Prepared {
  readonly name: string;
  readonly what: 'prepare' | 'relax';
  readonly confidence: number;
  readonly milliseconds: number;
  readonly ok: boolean;
}

export interface PredictionOptions {
  /** Load as a share of capacity, now. */
  readonly usage: () => number;
  readonly preparations: readonly Preparation[];
  /** How many looks ahead. */
  readonly horizon: number;
  /** Share of capacity that the system prepares for. */
  readonly capacity?: number;
  readonly confidence?: number;
  readonly onPrepared?: (record: Prepared) => void;
  readonly now?: () => number;
}

const CAPACITY = 0.8;
const CONFIDENCE = 0.75;
/** It relaxes only when the rush has become this unlikely, so that it does not flutter about the threshold. */
const RELAX_BELOW = 0.5;

/** Foresees that load will outgrow capacity, and prepares: each preparation once, until the danger is over. */
export class PredictiveManager {
  readonly #options: Required<PredictionOptions>;
  readonly #trend = new Holt();
  readonly #made = new Set<Preparation>();
  #forecast = 0;
  #confidence = 0;
  #foreseen = 0;
  #looksLeft = 0;
  #cameTrue = 0;

  constructor(options: PredictionOptions) {
    this.#options = {
      capacity: CAPACITY,
      confidence: CONFIDENCE,
      onPrepared: () => {},
      now: () => performance.now(),
      ...options,
    };
  }

  /** Load at the horizon, as a share of capacity. */
  get forecast(): number {
    return this.#forecast;
  }

  /** How likely load at the horizon is above the capacity prepared for. */
  get confidence(): number {
    return this.#confidence;
  }

  /** Rushes foreseen so far, and those of them that came within the horizon. */
  get record(): { readonly foreseen: number; readonly cameTrue: number } {
    return { foreseen: this.#foreseen, cameTrue: this.#cameTrue };
  }

  /** Takes the load of this moment in, and prepares or relaxes by what it foresees. To be called at even intervals. */
  async look(): Promise<void> {
    const { usage, horizon, capacity, confidence, preparations } = this.#options;
    const load = usage();
    this.#trend.observe(load);
    this.#settle(load);
    const ahead = this.#trend.forecast(horizon);
    if (!ahead) return;
    this.#forecast = Math.max(0, ahead.value);
    this.#confidence = chanceAbove(capacity, ahead);
    if (this.#confidence >= confidence && this.#made.size === 0) this.#foresee();
    for (const one of preparations) {
      const wanted = this.#confidence >= (one.above ?? confidence);
      if (wanted && !this.#made.has(one)) await this.#do(one, 'prepare');
      else if (this.#confidence < RELAX_BELOW && this.#made.has(one)) await this.#do(one, 'relax');
    }
  }

  #foresee(): void {
    this.#foreseen++;
    this.#looksLeft = this.#options.horizon;
  }

  #settle(load: number): void {
    if (this.#looksLeft === 0) return;
    this.#looksLeft--;
    if (load < this.#options.capacity) return;
    this.#cameTrue++;
    this.#looksLeft = 0;
  }

  async #do(one: Preparation, what: Prepared['what']): Promise<void> {
    // Noted first: the next look may come before a slow one is through.
    if (what === 'prepare') this.#made.add(one);
    else this.#made.delete(one);
    const begun = this.#options.now();
    let ok = true;
    try {
      await one[what]?.();
    } catch {
      ok = false;
    }
    const milliseconds = this.#options.now() - begun;
    this.#options.onPrepared({ name: one.name, what, confidence: this.#confidence, milliseconds, ok });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { multiply, namesOfMemories, record, rememberGently } from '../memories.ts';
import { Correlation } from '../memory.ts';
import type { Metrics } from '../metrics.ts';
import type { Consolidated, Consolidation, Database } from '../parts.ts';
import type { LoadShedder } from './shedding.ts';

/** Pairs compared before others get their turn. */
const SLICE = 50;
/** Share of all capacity that a cycle takes. */
const SHARE = 0.1;
const PAUSE = 100;
/** How long a cycle stays paused before it ends with what it has, in ms. */
const LONGEST_PAUSE = 30_000;

export interface CapOptions {
  readonly shedder?: LoadShedder;
  /** Share of a full cycle that is done at this moment, 0 to 1. */
  readonly depth?: () => number;
}

/**
 * Takes up a limited number of memories a cycle and the rest in later ones, one cycle at a time, slice by slice; pauses
 * under pressure with what it has saved.
 */
export class CappedConsolidation implements Consolidation {
  readonly #config: Config;
  readonly #database: Database;
  readonly #metrics: Metrics;
  readonly #options: CapOptions;
  /** Where the next cycle begins, by workspace. */
  readonly #next = new Map<number | undefined, number>();
  #last: Promise<unknown> = Promise.resolve();
  #paused = false;
  #shallow = false;

  constructor(config: Config, database: Database, metrics: Metrics, options: CapOptions = {}) {
    this.#config = config;
    this.#database = database;
    this.#metrics = metrics;
    this.#options = options;
    metrics.watch('consolidation_paused', '1 while a cycle is paused', () => (this.#paused ? 1 : 0));
  }

  consolidate(workspaceId?: number, factor = 1): Promise<Consolidated> {
    const turn = this.#last.then(() => this.#cycle(workspaceId, factor));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #cycle(workspaceId: number | undefined, factor: number): Promise<Consolidated> {
    const names = multiply(await namesOfMemories(this.#database, workspaceId), factor);
    const taken = this.#portion(names, workspaceId);
    const begun = performance.now();
    const work = new Correlation(await rememberGently(taken, this.#config.memoryFeatures));
    const forget = this.#watch(work);
    try {
      await this.#advance(work, workspaceId);
    } finally {
      forget?.();
      this.#paused = false;
      this.#shallow = false;
    }
    const seconds = (performance.now() - begun) / 1000;
    this.#metrics.consolidation(work.correlations, seconds);
    await record(this.#database, workspaceId, work);
    const { memories, correlations, insights, complete } = work;
    return { memories, correlations, insights, seconds, deferred: names.length - memories, complete };
  }

  #portion(names: readonly string[], workspaceId: number | undefined): string[] {
    const cap = Math.min(names.length, this.#config.consolidationCap);
    const from = (this.#next.get(workspaceId) ?? 0) % Math.max(1, names.length);
    this.#next.set(workspaceId, from + cap);
    return Array.from({ length: cap }, (_, at) => names[(from + at) % names.length]!);
  }

  async #advance(work: Correlation, workspaceId: number | undefined): Promise<void> {
    const all = (work.memories * (work.memories - 1)) / 2;
    let waited = 0;
    while (!work.complete && work.correlations < all * this.#depth()) {
      if (!this.#paused) {
        work.advance(SLICE);
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      if (waited === 0) await record(this.#database, workspaceId, work).catch(() => {});
      if (waited >= LONGEST_PAUSE) return;
      waited += PAUSE;
      await sleep(PAUSE);
    }
  }

  #depth(): number {
    const asked = this.#options.depth?.() ?? 1;
    return this.#shallow ? Math.min(asked, 0.6) : asked;
  }

  #watch(work: Correlation): (() => void) | undefined {
    const all = Math.max(1, (work.memories * (work.memories - 1)) / 2);
    return this.#options.shedder?.watch({
      kind: 'consolidation',
      tier: 'other',
      share: SHARE,
      get completion() {
        return (100 * work.correlations) / all;
      },
      shed: (measure) => {
        if (measure === 'degrade') this.#shallow = true;
        else this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
        this.#shallow = false;
      },
    });
  }
}

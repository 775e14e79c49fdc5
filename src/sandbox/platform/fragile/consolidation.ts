import type { Config } from '../config.ts';
import { multiply, namesOfMemories, record, remember } from '../memories.ts';
import { Correlation } from '../memory.ts';
import type { Metrics } from '../metrics.ts';
import type { Consolidated, Consolidation, Database } from '../parts.ts';

/** Takes up all there is, and does nothing else until it is through. */
export class UncappedConsolidation implements Consolidation {
  readonly #database: Database;
  readonly #features: number;
  readonly #metrics: Metrics;

  constructor(config: Config, database: Database, metrics: Metrics) {
    this.#database = database;
    this.#features = config.memoryFeatures;
    this.#metrics = metrics;
  }

  async consolidate(workspaceId?: number, factor = 1): Promise<Consolidated> {
    const names = multiply(await namesOfMemories(this.#database, workspaceId), factor);
    const begun = performance.now();
    const work = new Correlation(remember(names, this.#features));
    work.advance(Number.POSITIVE_INFINITY);
    const seconds = (performance.now() - begun) / 1000;
    this.#metrics.consolidation(work.correlations, seconds);
    await record(this.#database, workspaceId, work);
    const { memories, correlations, insights, complete } = work;
    return { memories, correlations, insights, seconds, deferred: 0, complete };
  }
}

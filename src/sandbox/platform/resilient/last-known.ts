import { LRUCache } from 'lru-cache';
import type { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { Workspaces } from '../parts.ts';

const REMEMBERED = 1000;

/**
 * Workspaces as they were last seen, where they cannot be read any more: at once in an emergency, so that the database
 * is left alone, else when reading fails. What is served so says `stale: true`.
 */
export class LastKnownWorkspaces implements Workspaces {
  readonly #workspaces: Workspaces;
  readonly #emergency: () => boolean;
  readonly #seen = new LRUCache<number, object>({ max: REMEMBERED });
  readonly #served: Counter;

  constructor(workspaces: Workspaces, emergency: () => boolean, metrics: Metrics) {
    this.#workspaces = workspaces;
    this.#emergency = emergency;
    this.#served = metrics.counter('last_known_reads_total', 'Workspace reads served as they were last seen');
  }

  async find(id: number): Promise<object | undefined> {
    const seen = this.#seen.get(id);
    if (seen && this.#emergency()) return this.#serve(seen);
    try {
      const workspace = await this.#workspaces.find(id);
      if (workspace) this.#seen.set(id, workspace);
      return workspace;
    } catch (error) {
      if (!seen) throw error;
      return this.#serve(seen);
    }
  }

  #serve(workspace: object): object {
    this.#served.inc();
    return { ...workspace, stale: true };
  }
}

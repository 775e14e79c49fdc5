import type { Health, Registry } from '../parts.ts';

/** Well as long as the orchestrator is in the registry; waits until it is. */
export class ShallowHealth implements Health {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async report() {
    return {
      status: 200,
      body: { status: 'ok', orchestratorSeen: await this.#registry.discover('orchestrator') },
    };
  }
}

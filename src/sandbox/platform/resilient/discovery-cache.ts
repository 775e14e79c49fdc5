export class ServiceUnknown extends Error {
  readonly statusCode = 503;

  constructor(service: string) {
    super(`the registry knows no service "${service}", and none was known before`);
    this.name = 'ServiceUnknown';
  }
}

export interface Discovered {
  readonly address: string;
  /** Whether the registry failed and this is what it last said. */
  readonly stale: boolean;
}

/** Looks services up in a registry that may fail, and falls back to what it last said. */
export class DiscoveryCache {
  readonly #lookUp: (service: string) => Promise<string | null>;
  readonly #timeout: number;
  readonly #lastKnown = new Map<string, string>();
  #fallbacks = 0;

  /** @param timeout how long the registry may take, in ms */
  constructor(lookUp: (service: string) => Promise<string | null>, timeout: number) {
    this.#lookUp = lookUp;
    this.#timeout = timeout;
  }

  /** How often the registry failed and the last known address was given. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /**
   * @param spare whether the registry is to be asked only about what is not known yet
   * @throws ServiceUnknown when the registry does not answer with an address and never did
   */
  async discover(service: string, spare = false): Promise<Discovered> {
    const known = this.#lastKnown.get(service);
    const found = spare && known !== undefined ? null : await this.#ask(service);
    if (found !== null) {
      this.#lastKnown.set(service, found);
      return { address: found, stale: false };
    }
    if (known === undefined) throw new ServiceUnknown(service);
    this.#fallbacks++;
    return { address: known, stale: true };
  }

  async #ask(service: string): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), this.#timeout);
    });
    const answer = this.#lookUp(service).catch(() => null);
    return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
  }
}

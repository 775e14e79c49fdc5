import type { ProxyObservation } from '../../core/observation.ts';
import type { Plan } from '../../core/plan.ts';
import { isHttp } from '../../core/protocol.ts';
import { FAULTS } from '../../faults/index.ts';
import type { Gain } from './counts.ts';
import type { Reading } from './reading.ts';

const WINDOW_MS = 10_000;
const LEAST_MS = 5000;

/**
 * How much traffic the faults of a run really touch.
 *
 *   requests a second = per HTTP proxy the smaller of what its faults of requests acted on and of its requests, over 10 s
 *   connections       = per proxy the smaller of what its faults of connections acted on in this epoch and of those open now
 *
 * Both are bounds from above, summed over the proxies: a request that two faults touch may count twice, and of the
 * connections that are open some may be new.
 */
export class Touched {
  readonly #onRequests: ReadonlySet<string>;
  readonly #onConnections: ReadonlySet<string>;
  readonly #http: ReadonlySet<string>;
  #window: readonly { readonly ms: number; readonly requests: number }[] = [];
  #connections: Reading | undefined;

  constructor({ steps, proxies }: Pick<Plan, 'steps' | 'proxies'>) {
    const faults = steps.flatMap((step) => step.faults).filter(({ driver }) => driver === undefined);
    const of = (...layers: readonly string[]) =>
      new Set(
        faults.filter(({ type }) => layers.includes(FAULTS.get(type)?.layer ?? '')).map(({ id }) => id),
      );
    this.#onRequests = of('http');
    this.#onConnections = of('listener', 'bytes');
    this.#http = new Set(proxies.filter(({ protocol }) => isHttp(protocol)).map(({ name }) => name));
  }

  take(gains: readonly Gain[]): void {
    const http = gains.filter(({ proxy }) => this.#http.has(proxy));
    const requests = http.reduce(
      (total, { of }) =>
        total +
        Math.min(
          of(({ units }) => units),
          of((seen) => actsOf(seen, this.#onRequests)),
        ),
      0,
    );
    this.#window = [...this.#window, { ms: gains[0]?.ms ?? 0, requests }];
    while (this.#window.length > 1 && total(this.#window.slice(1), 'ms') >= WINDOW_MS)
      this.#window = this.#window.slice(1);
    const value = gains.reduce(
      (sum, { now }) => sum + Math.min(now.connections.open, actsOf(now, this.#onConnections)),
      0,
    );
    this.#connections = {
      limit: 'connections',
      value,
      text: `${value} connections are open on which faults act`,
    };
  }

  get connections(): Reading | undefined {
    return this.#connections;
  }

  /** Undefined in the first seconds. */
  get requestsPerSecond(): Reading | undefined {
    const ms = total(this.#window, 'ms');
    if (ms < LEAST_MS) return undefined;
    const requests = total(this.#window, 'requests');
    const value = Number((requests / (ms / 1000)).toFixed(1));
    const text = `faults act on ${value} requests a second (${requests} in ${Math.round(ms / 1000)} s)`;
    return { limit: 'requestsPerSecond', value, text };
  }
}

function actsOf({ faults }: ProxyObservation, ids: ReadonlySet<string>): number {
  return Object.entries(faults).reduce((sum, [id, { injected }]) => (ids.has(id) ? sum + injected : sum), 0);
}

function total<K extends string>(all: readonly Readonly<Record<K, number>>[], key: K): number {
  return all.reduce((sum, one) => sum + one[key], 0);
}

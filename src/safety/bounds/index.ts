import type { BoundName, SafetyLimits } from '../../core/limits.ts';
import type { Observation } from '../../core/observation.ts';
import type { Plan } from '../../core/plan.ts';
import { AI_PROTOCOLS, type Protocol } from '../../core/protocol.ts';
import { Counts } from './counts.ts';
import type { Reading } from './reading.ts';
import { ProxySpend } from './spend.ts';
import { Touched } from './touched.ts';

/** What each of the limits bounds. */
export const BOUND_WORDS: Readonly<Record<BoundName, string>> = {
  retryAmplification: 'the retry amplification',
  extraRequests: 'the requests that retries added',
  connections: 'the connections that faults touch',
  requestsPerSecond: 'the requests a second that faults touch',
};

interface RunBoundsOptions {
  readonly plan: Pick<Plan, 'proxies' | 'steps'>;
  readonly limits: Pick<SafetyLimits, 'reach' | 'spend'>;
  /** Highest epoch before the run's first: what is observed up to it is the baseline. */
  readonly seen: number;
}

/** A reading with its limit; `breached` where it is beyond. */
export interface BoundReading extends Reading {
  readonly bound: number;
  readonly breached: boolean;
}

/**
 * Holds what retries cost and how much traffic faults touch against the limits, observation by observation. The proxies of
 * AI providers are the paid ones, with a fault or without: a caller may also retry there because its database fails.
 */
export class RunBounds {
  readonly #options: RunBoundsOptions;
  readonly #counts = new Counts();
  readonly #spend: ReadonlyMap<string, ProxySpend>;
  readonly #touched: Touched;
  readonly #worst = new Map<BoundName, BoundReading>();

  constructor(options: RunBoundsOptions) {
    this.#options = options;
    const paid = options.plan.proxies.filter(({ protocol }) =>
      (AI_PROTOCOLS as readonly Protocol[]).includes(protocol),
    );
    this.#spend = new Map(paid.map(({ name }) => [name, new ProxySpend(name)]));
    this.#touched = new Touched(options.plan);
  }

  /** The first limit that this observation shows to be passed. */
  observed(observation: Observation): BoundReading | undefined {
    const gains = this.#counts.take(observation);
    const faulted = observation.epoch > this.#options.seen;
    for (const gain of gains) this.#spend.get(gain.proxy)?.[faulted ? 'since' : 'before'](gain);
    if (!faulted || gains.length === 0) return undefined;
    this.#touched.take(gains);
    const readings = this.#readings().flatMap((reading) => this.#judge(reading));
    return readings.find(({ breached }) => breached);
  }

  /** Of each limit the highest value so far. */
  get worst(): readonly BoundReading[] {
    return [...this.#worst.values()];
  }

  #readings(): readonly Reading[] {
    const spends = [...this.#spend.values()];
    const { connections, requestsPerSecond } = this.#touched;
    return [
      ...spends.map(({ amplification }) => amplification),
      spends.length > 0 ? inAll(spends.map(({ extra }) => extra)) : undefined,
      connections,
      requestsPerSecond,
    ].filter((reading) => reading !== undefined);
  }

  #judge(reading: Reading): readonly BoundReading[] {
    const bound = this.#boundOf(reading.limit);
    if (bound === undefined) return [];
    const judged = { ...reading, bound, breached: reading.value > bound };
    const worst = this.#worst.get(reading.limit);
    if (!worst || judged.value > worst.value) this.#worst.set(reading.limit, judged);
    return [judged];
  }

  #boundOf(limit: BoundName): number | undefined {
    const { reach, spend } = this.#options.limits;
    return limit === 'connections' || limit === 'requestsPerSecond' ? reach[limit] : spend?.[limit];
  }
}

function inAll(extras: readonly Reading[]): Reading {
  const [only] = extras;
  if (only && extras.length === 1) return only;
  return {
    limit: 'extraRequests',
    value: extras.reduce((sum, { value }) => sum + value, 0),
    text: extras.map(({ proxy, text }) => `${proxy}: ${text}`).join('; '),
  };
}

import type { ProxyObservation } from '../../core/observation.ts';
import type { Gain } from './counts.ts';
import type { Reading } from './reading.ts';

const WINDOW_MS = 10_000;
/** A factor of less time, or of fewer requests, says more of chance than of retries. */
const LEAST_MS = 3000;
const LEAST_REQUESTS = 20;
/** Standard deviations that a count may lie above its expectation by chance. */
const CHANCE = 3;

interface Traffic {
  readonly ms: number;
  /** Requests of clients, and those of them that say they are retries. */
  readonly units: number;
  readonly retries: number;
  /** Of both, what was sent on to the provider: what a fault answers or breaks off before costs nothing. */
  readonly sent: number;
  readonly retriesSent: number;
}

const NONE: Traffic = { ms: 0, units: 0, retries: 0, sent: 0, retriesSent: 0 };

/**
 * What retries cost at one paid provider, from the observations of its proxy. Two signs of retries are read, and the greater
 * counts: requests that say they are retries, which miss those that an application makes anew; and requests beyond the
 * baseline's rate, which miss nothing where demand is steady.
 *
 *   amplification = sent / (units - retries)            over the last 10 s, by what requests say
 *                 = (sent / t) / (sent0 / t0)           over the last 10 s, by the baseline (sent0 requests in t0)
 *   extra         = retries sent                        since the first fault, by what requests say
 *                 = sent - e - 3 sqrt(e (1 + t / t0))   since the first fault, where e = sent0 t / t0
 *
 * The root is the standard deviation of a Poisson count that is predicted from another Poisson count, so a busy minute is not
 * taken for retries; amplification by the baseline is judged only where the count lies as far above its expectation. A factor
 * needs 20 requests and 3 s; a baseline of fewer than 20 requests says nothing, and what requests say stands alone.
 */
export class ProxySpend {
  readonly #proxy: string;
  #baseline = NONE;
  #faulted = NONE;
  #window: readonly Traffic[] = [];

  constructor(proxy: string) {
    this.#proxy = proxy;
  }

  before(gain: Gain): void {
    this.#baseline = sum([this.#baseline, trafficOf(gain)]);
  }

  since(gain: Gain): void {
    const traffic = trafficOf(gain);
    this.#faulted = sum([this.#faulted, traffic]);
    this.#window = [...this.#window, traffic];
    while (this.#window.length > 1 && sum(this.#window.slice(1)).ms >= WINDOW_MS)
      this.#window = this.#window.slice(1);
  }

  /** Undefined while there is too little to judge. */
  get amplification(): Reading | undefined {
    const seen = sum(this.#window);
    if (seen.sent < LEAST_REQUESTS || seen.ms < LEAST_MS) return undefined;
    const first = Math.max(1, seen.units - seen.retries);
    const said = this.#reading(
      'retryAmplification',
      seen.sent / first,
      `${seen.sent} requests were sent on in ${seconds(seen.ms)} for ${first} that clients began`,
    );
    const expected = this.#expected(seen);
    if (expected === undefined || seen.sent - expected <= this.#chance(seen, expected)) return said;
    const counted = this.#reading(
      'retryAmplification',
      seen.sent / expected,
      `${seen.sent} requests were sent on in ${seconds(seen.ms)}, where the baseline sent ${figure(expected)} in that time`,
    );
    return counted.value > said.value ? counted : said;
  }

  get extra(): Reading {
    const { sent, retriesSent, ms } = this.#faulted;
    const said = this.#reading(
      'extraRequests',
      retriesSent,
      `${retriesSent} of ${sent} requests that were sent on say that they are retries`,
    );
    const expected = this.#expected(this.#faulted);
    if (expected === undefined) return said;
    const extra = Math.floor(sent - expected - this.#chance(this.#faulted, expected));
    if (extra <= said.value) return said;
    return this.#reading(
      'extraRequests',
      extra,
      `${sent} requests were sent on in ${seconds(ms)}, where the baseline explains ${sent - extra}`,
    );
  }

  #expected({ ms }: Traffic): number | undefined {
    const { sent, ms: over } = this.#baseline;
    return sent < LEAST_REQUESTS || over === 0 ? undefined : (sent * ms) / over;
  }

  #chance({ ms }: Traffic, expected: number): number {
    return CHANCE * Math.sqrt(expected * (1 + ms / this.#baseline.ms));
  }

  #reading(limit: Reading['limit'], value: number, text: string): Reading {
    return { limit, proxy: this.#proxy, value, text };
  }
}

function trafficOf({ ms, of }: Gain): Traffic {
  return {
    ms,
    units: of(({ units }) => units),
    retries: of(({ retries }) => retries),
    sent: of(sentOn),
    retriesSent: of(({ sentOn, retries }) => sentOn?.retries ?? retries),
  };
}

function sentOn({ sentOn, units }: ProxyObservation): number {
  return sentOn?.requests ?? units;
}

function sum(all: readonly Traffic[]): Traffic {
  return all.reduce(
    (left, right) => ({
      ms: left.ms + right.ms,
      units: left.units + right.units,
      retries: left.retries + right.retries,
      sent: left.sent + right.sent,
      retriesSent: left.retriesSent + right.retriesSent,
    }),
    NONE,
  );
}

function seconds(ms: number): string {
  return `${figure(ms / 1000)} s`;
}

function figure(value: number): string {
  return String(Number(value.toFixed(1)));
}

import type { Sample } from '../../src/core/ports.ts';
import { normal, randomOf } from './random.ts';

/** What a simulated probe measures, sample by sample. */
export type Traffic = () => Pick<Sample, 'ok' | 'ms'>;

/** A kind of healthy system. @param length samples from the begin of the baseline to the end of the run */
export interface Kind {
  readonly name: string;
  traffic(seed: number, length: number): Traffic;
}

const TIMEOUT_MS = 2000;

/** Log-normal latencies around 80 ms: p95 is 1.9 times the median. */
const lognormal = (z: number) => 80 * Math.exp(0.4 * z);

const stationary: Kind = {
  name: 'stationary: 1% fail, log-normal latencies',
  traffic: (seed) => steady(seed, 0.01, (random) => lognormal(normal(random))),
};

const heavyTailed: Kind = {
  name: 'heavy tails: Pareto latencies of index 1.5, which time out now and then',
  traffic: (seed) => steady(seed, 0.005, (random) => 30 * (1 - random()) ** (-1 / 1.5)),
};

const drifting: Kind = {
  name: 'daily drift: latencies ±11%, failures 1% ±20%, one slow wave over the run',
  traffic(seed, length) {
    const random = randomOf(seed);
    const phase = random();
    let at = 0;
    return () => {
      const wave = Math.sin(2 * Math.PI * (phase + at++ / length));
      return sampleOf(random() >= 0.01 * (1 + 0.2 * wave), lognormal(normal(random)) * (1 + 0.11 * wave));
    };
  },
};

const flawless: Kind = {
  name: 'no failures in most baselines: 0.1% fail',
  traffic: (seed) => steady(seed, 0.001, (random) => lognormal(normal(random))),
};

const correlated: Kind = {
  name: 'autocorrelated: latencies AR(1) at 0.6, failures in pairs',
  traffic(seed) {
    const random = randomOf(seed);
    let level = normal(random);
    let failing = false;
    return () => {
      level = 0.6 * level + 0.8 * normal(random);
      failing = random() < (failing ? 0.5 : 0.005);
      return sampleOf(!failing, lognormal(level));
    };
  },
};

export const HEALTHY: readonly Kind[] = [stationary, heavyTailed, drifting, flawless, correlated];

export interface Worsening {
  /** Rate of failures before. */
  readonly failing: number;
  /** Factors by which it grows, and all latencies with it. */
  readonly failures?: number;
  readonly latency?: number;
}

/** Stationary traffic that becomes worse after `from` samples. */
export function worsening(
  seed: number,
  from: number,
  { failing, failures = 1, latency = 1 }: Worsening,
): Traffic {
  const random = randomOf(seed);
  let at = 0;
  return () => {
    const worse = at++ >= from;
    const rate = worse ? failing * failures : failing;
    return sampleOf(random() >= rate, lognormal(normal(random)) * (worse ? latency : 1));
  };
}

function steady(seed: number, failures: number, latency: (random: () => number) => number): Traffic {
  const random = randomOf(seed);
  return () => sampleOf(random() >= failures, latency(random));
}

function sampleOf(ok: boolean, ms: number): Pick<Sample, 'ok' | 'ms'> {
  return ms >= TIMEOUT_MS ? { ok: false, ms: TIMEOUT_MS } : { ok, ms };
}

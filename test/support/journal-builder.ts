import { parseExpectation, parseRelativeExpectation } from '../../src/core/expectation.ts';
import type { CountedFault } from '../../src/core/fault.ts';
import type { JournalBody, JournalEvent } from '../../src/core/journal.ts';
import type { ProxyObservation } from '../../src/core/observation.ts';
import type { Plan, PlannedFault, PlannedStep, ProbeSpec } from '../../src/core/plan.ts';
import type { Sample } from '../../src/core/ports.ts';

/** Collects events at given times and numbers them in the order of time, as a run would have written them. */
export class JournalBuilder {
  readonly #wall: number;
  readonly #events: { readonly at: number; readonly body: JournalBody }[] = [];

  constructor(wall = Date.UTC(2026, 10, 21, 9, 30)) {
    this.#wall = wall;
  }

  add(at: number, body: JournalBody): this {
    this.#events.push({ at, body });
    return this;
  }

  /** A sample that began at `at`, written when it ended. */
  sample(at: number, sample: Omit<Sample, 'mono'>): this {
    return this.add(at + sample.ms, { type: 'sample', sample: { ...sample, mono: at } });
  }

  observation(
    at: number,
    epoch: number,
    proxies: Record<string, Partial<ProxyObservation>>,
    instance = 'i1',
  ) {
    const whole = Object.entries(proxies).map(([name, seen]) => [name, { ...QUIET, ...seen }]);
    return this.add(at, {
      type: 'observation',
      observation: {
        t: new Date(this.#wall + at).toISOString(),
        mono: at,
        instance,
        epoch,
        cohort: 'all',
        proxies: Object.fromEntries(whole),
      },
    });
  }

  build(): JournalEvent[] {
    return [...this.#events]
      .sort((a, b) => a.at - b.at)
      .map(
        ({ at, body }, index) =>
          ({
            v: 1,
            n: index + 1,
            t: new Date(this.#wall + at).toISOString(),
            mono: at,
            ...body,
          }) as JournalEvent,
      );
  }
}

const QUIET: ProxyObservation = {
  connections: { open: 4, new: 0, closed: 0, reset: 0 },
  bytes: { up: 0, down: 0 },
  units: 0,
  status: {},
  latency: { organic: '', injected: '' },
  retries: 0,
  held: { open: 0, longestMs: 0 },
  faults: {},
};

export function planned(
  id: string,
  proxy: string,
  type: string,
  sentence: string,
  toxicity = 1,
): PlannedFault {
  return { id, proxy, type, toxicity: { from: toxicity, to: toxicity }, match: {}, attributes: {}, sentence };
}

export function counted(
  { id, proxy, type }: Pick<PlannedFault, 'id' | 'proxy' | 'type'>,
  matched: number,
  injected: number,
  skipped: Record<string, number> = {},
): CountedFault {
  return { id, proxy, type, matched, injected, skipped };
}

export function step(name: string, durationMs: number, ...faults: PlannedFault[]): PlannedStep {
  return { name, durationMs, faults, injected: { operator: '>=', bound: 1 } };
}

interface ProbeOptions {
  readonly everyMs?: number;
  readonly timeoutMs?: number;
  readonly windowMs?: number;
  readonly expect?: Readonly<Record<string, string | number>>;
}

function common(name: string, options: ProbeOptions) {
  const { vsBaseline, ...plain } = options.expect ?? {};
  return {
    name,
    everyMs: options.everyMs ?? 250,
    timeoutMs: options.timeoutMs ?? 2000,
    windowMs: options.windowMs ?? 10_000,
    expect: [
      ...Object.entries(plain).map(([measure, source]) => parseExpectation(measure as 'p95', source)),
      ...(vsBaseline === undefined ? [] : [parseRelativeExpectation(String(vsBaseline))]),
    ],
  };
}

export function httpProbe(name: string, url: string, options: ProbeOptions = {}): ProbeSpec {
  return { ...common(name, options), kind: 'http', method: 'GET', url, headers: {} };
}

export function postgresProbe(name: string, query: string, options: ProbeOptions = {}): ProbeSpec {
  return { ...common(name, options), kind: 'postgres', url: '${DATABASE_URL}', query };
}

export function redisProbe(name: string, options: ProbeOptions = {}): ProbeSpec {
  return { ...common(name, options), kind: 'redis', url: '${REDIS_URL}', command: ['PING'] };
}

export function prometheusProbe(name: string, metric: string, options: ProbeOptions = {}): ProbeSpec {
  const url = 'http://127.0.0.1:3000/metrics';
  return { ...common(name, options), kind: 'prometheus', url, metric, headers: {} };
}

/** A plan with one openai, one postgres and one redis proxy, to be overridden. */
export function plan(overrides: Partial<Plan> = {}): Plan {
  return {
    name: 'openai-outage-cascade',
    title: 'OpenAI goes dark',
    hypothesis: 'Workspaces stay readable and no task is lost while OpenAI is down.',
    tags: ['game-day', 'ai'],
    seed: 42,
    source: {
      file: 'experiments/openai-outage-cascade.yaml',
      hash: '9f2c4b1e7d6a0835c2f1e4b7a9d8063f5e2c1b0a7f6d5e4c3b2a190817263544',
      text: 'name: openai-outage-cascade\ntitle: OpenAI goes dark\n',
    },
    proxies: [
      { name: 'openai', protocol: 'openai', listen: '127.0.0.1:4010', upstream: 'http://127.0.0.1:4001' },
      { name: 'postgres', protocol: 'postgres', listen: '127.0.0.1:15432', upstream: '127.0.0.1:5432' },
      { name: 'redis', protocol: 'redis', listen: '127.0.0.1:16379', upstream: '127.0.0.1:6379' },
    ],
    control: '127.0.0.1:8474',
    baselineMs: 20_000,
    probes: [],
    abortWhen: [],
    steps: [],
    recoveryMs: 60_000,
    reach: {
      toxicity: 1,
      proxies: 1,
      addedLatencyMs: 4000,
      durationMs: 60_000,
      connections: 20,
      requestsPerSecond: 50,
      runs: 1,
    },
    ...overrides,
  };
}

import type { LoadSummary, TrafficFigures, TrafficSummary } from '../../../src/core/journal.ts';
import type { LoadScenario, LoadStage, LoadTraffic, ScenarioRequest } from '../../../src/core/plan.ts';

export function stage(
  rest: Partial<LoadStage> & Pick<LoadStage, 'counts'>,
  from: number,
  to = from,
): LoadStage {
  return { name: 'steady', durationMs: 10_000, ...rest, level: { from, to } };
}

export function request(path: string, rest: Partial<ScenarioRequest> = {}): ScenarioRequest {
  return { method: 'GET', path, headers: {}, check: {}, save: {}, ...rest };
}

export function scenario(name: string, ...requests: ScenarioRequest[]): LoadScenario {
  return { name, weight: 1, requests: requests.length > 0 ? requests : [request(`/${name}`)] };
}

export function trafficOf(rest: Partial<LoadTraffic> = {}): LoadTraffic {
  return {
    profile: 'own',
    stages: [stage({ counts: 'rate' }, 10)],
    thinkMs: { from: 1000, to: 1000 },
    scenarios: [scenario('read')],
    thresholds: [],
    timeScale: 1,
    timeoutMs: 5000,
    seed: 1,
    ...rest,
  };
}

export function figures(rest: Partial<TrafficFigures> = {}): TrafficFigures {
  return {
    requests: 100,
    failed: 0,
    errorRate: 0,
    throughput: 10,
    p50: 50,
    p95: 100,
    p99: 150,
    max: 200,
    ...rest,
  };
}

/** A summary with windows of a second, of which `p95` says the 95th percentile. */
export function summaryOf(
  rest: Partial<TrafficSummary> = {},
  p95: (window: number) => number | null = () => 100,
): TrafficSummary {
  return {
    profile: 'own',
    durationMs: 40_000,
    total: figures(),
    scenarios: {},
    stages: {},
    wrong: 0,
    underWay: { requests: 0, oldestMs: 0 },
    windowMs: 1000,
    windows: Array.from({ length: 40 }, (_, index) => {
      const value = p95(index);
      return {
        at: index * 1000,
        level: 10,
        requests: 10,
        failed: 0,
        p50: value,
        p95: value,
        p99: value,
        max: value,
      };
    }),
    ...rest,
  };
}

export function loadSummary(traffic = summaryOf()): LoadSummary & { traffic: TrafficSummary } {
  return { requests: traffic.total.requests, errors: 0, timeouts: 0, non2xx: 0, p50: 50, p99: 150, traffic };
}

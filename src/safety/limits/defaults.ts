import type { SafetyLimits } from '../../core/limits.ts';

/** What holds where no `safety-limits.yaml` says otherwise: on the own machine, for half an hour, ended when half of the samples fail. */
export const DEFAULT_LIMITS: SafetyLimits = {
  environment: { name: 'local', allowed: ['local'] },
  targets: { allow: [], deny: [] },
  env: [],
  reach: {
    toxicity: 1,
    proxies: 3,
    addedLatencyMs: 10_000,
    durationMs: 30 * 60_000,
    connections: 100,
    requestsPerSecond: 100,
    runs: 1,
  },
  exempt: { headers: {}, clients: [] },
  abortWhen: [
    {
      probe: '*',
      measure: 'errorRate',
      operator: '>',
      bound: 0.5,
      relative: false,
      forMs: 5000,
      text: 'errorRate > 50% for 5 s',
      source: 'safety-limits',
    },
  ],
  monitor: {
    leaseMs: 10_000,
    falseAbort: 0.001,
    tolerate: { errorRate: 1.25, latency: 1.25 },
    onMissing: 'abort',
    onMonitorLoss: 'rollback',
  },
  windows: [],
  freezes: [],
  stopFile: '.faultline/STOP',
};

import { resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, Plan, ProbeSpec } from '../../core/plan.ts';
import { passGates } from '../gates.ts';
import type { GateContext } from './gate.ts';
import { approvals, reach } from './reach.ts';
import { environment, open, stopFile } from './standing.ts';
import { targets } from './targets.ts';

export interface LoadGateOptions {
  readonly load: LoadSpec;
  /** All stages together, ms. */
  readonly durationMs: number;
  /** Where metrics of the target are read. */
  readonly metricsUrl?: string;
  readonly limits: SafetyLimits;
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly approvals: readonly string[];
  readonly resolve?: GateContext['resolve'];
}

/**
 * A load without an experiment passes the same gates as one with: environment, targets, windows, stop file, reach, approvals.
 * Its time is held against the windows, not against `reach.duration`, which is about faults.
 * @throws FaultlineError LOAD_REFUSED by the first gate that says no
 */
export async function gateLoad(options: LoadGateOptions): Promise<void> {
  const { limits, cwd, clock, environment: env, approvals: approvedBy } = options;
  const nobody = () => Promise.reject(new Error('no data plane is asked'));
  const context: GateContext = {
    plan: planOf(options),
    limits,
    clock,
    approvals: approvedBy,
    environment: env,
    ...(options.resolve ? { resolve: options.resolve } : {}),
    stopFile: resolve(cwd, limits.stopFile),
    run: '',
    otherRuns: nobody,
    driver: { state: nobody, manualToxics: nobody },
  };
  for await (const outcome of passGates(context, [environment, targets, open, stopFile, reach, approvals])) {
    if (!outcome.passed) throw new FaultlineError('LOAD_REFUSED', outcome);
  }
}

/** The plan of an experiment that injects nothing. */
function planOf({ load, durationMs, metricsUrl }: LoadGateOptions): Plan {
  const metrics: ProbeSpec = {
    name: 'metrics',
    kind: 'prometheus',
    url: metricsUrl ?? '',
    metric: '',
    headers: {},
    everyMs: 0,
    timeoutMs: 0,
    windowMs: 0,
    expect: [],
  };
  return {
    name: 'load',
    title: 'load',
    hypothesis: '',
    tags: [],
    seed: 1,
    source: { file: '', hash: '', text: '' },
    proxies: [],
    control: '',
    load,
    baselineMs: durationMs,
    probes: metricsUrl === undefined ? [] : [metrics],
    abortWhen: [],
    steps: [],
    recoveryMs: 0,
    reach: {
      toxicity: 0,
      proxies: 0,
      addedLatencyMs: 0,
      durationMs: 0,
      connections: load.connections,
      requestsPerSecond: load.rate,
      runs: 1,
    },
  };
}

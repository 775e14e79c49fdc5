import { resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { FaultSetState } from '../../core/fault.ts';
import type { CanaryProof, Owner } from '../../core/journal.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, Plan } from '../../core/plan.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { isGone, ownIdentity } from '../../drivers/process.ts';
import { checkLoad, startLoad } from '../../load/index.ts';
import { createProbe } from '../../probes/index.ts';
import type { Baseline, HealthWatch, SafetyMonitor } from '../../safety/contract.ts';
import { type GateContext, type GateOutcome, passGates } from '../../safety/gates.ts';
import { degradationJudges } from '../../safety/judges/degradation.ts';
import { createMonitor } from '../../safety/monitor.ts';
import { watchStopFile } from '../../safety/stop-file.ts';
import { createWatch } from '../../safety/watch.ts';
import { type CanaryHost, sendCanary } from '../canary/index.ts';
import { type Place, type PlaceOptions, takePlace } from '../places.ts';
import { type Recovered, recoverAbandoned } from '../recover.ts';
import type { RunLoad } from './loads.ts';
import { openPlane } from './open-plane.ts';
import type { HeldPlane } from './plane.ts';
import { hasRamps } from './ramp.ts';
import { withDrivers } from './with-drivers.ts';

/** Ramps move at least once a second; half of that leaves room for a slow answer. */
const RAMP_EVERY_MS = 500;

export interface MonitorRequest {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly watch: HealthWatch;
  readonly baseline: Baseline;
  readonly clock: Clock;
  /** Renews the lease with the ramps' current values. */
  readonly renew: () => Promise<FaultSetState>;
}

/** On whose behalf a data plane is opened. */
export interface OpeningRun {
  readonly id: string;
  readonly limits: SafetyLimits;
}

/** All that a run touches outside itself. */
export interface RunPorts {
  owner(): Owner;
  /** One of the places for runs in a folder. */
  place(options: Omit<PlaceOptions, 'owner' | 'isGone'>): Place;
  recover(runsFolder: string, except: string): Promise<Recovered>;
  /** @throws FaultlineError with exit code 6 */
  openPlane(plan: Plan, folder: string, run: OpeningRun): Promise<HeldPlane>;
  canary(declaration: ProxyDeclaration, host: CanaryHost): Promise<CanaryProof>;
  gates(context: GateContext): AsyncIterable<GateOutcome>;
  watch(plan: Plan, limits: SafetyLimits, clock: Clock): HealthWatch;
  monitor(request: MonitorRequest): SafetyMonitor;
  /** @throws FaultlineError */
  load(spec: LoadSpec, limits: SafetyLimits): RunLoad;
  /** Whether `load` would start it. @throws FaultlineError */
  checkLoad(spec: LoadSpec, limits: SafetyLimits): void;
  stopFile(path: string, onStop: (reason: string, by?: string) => void, clock: Clock): () => void;
}

export interface SystemPortsOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Script of the data plane's process. */
  readonly dataPlaneEntry?: string;
  /** Options for its node, such as a loader; by default those of this process. */
  readonly dataPlaneExecArgv?: readonly string[];
  /** A data plane that the run starts ends by itself a minute after this process. */
  readonly ephemeral?: boolean;
}

/** The real ones. */
export function systemPorts(options: SystemPortsOptions): RunPorts {
  const { environment, dataPlaneEntry: entry, dataPlaneExecArgv: execArgv, ephemeral } = options;
  return {
    owner: ownIdentity,
    place: (wanted) => takePlace({ ...wanted, owner: ownIdentity(), isGone }),
    recover: (runsFolder, except) => recoverAbandoned({ runsFolder, except, isGone }),
    openPlane: async ({ control, proxies, drivers = [] }, folder, { id, limits }) => {
      const plane = await openPlane({
        control,
        proxies,
        folder: resolve(folder),
        ...(entry === undefined ? {} : { entry }),
        ...(execArgv === undefined ? {} : { execArgv }),
        ...(ephemeral ? { owner: ownIdentity() } : {}),
      });
      const context = { run: id, environment, allowed: limits.env, ...(execArgv ? { execArgv } : {}) };
      return withDrivers(plane, drivers, context);
    },
    canary: sendCanary,
    gates: passGates,
    watch: ({ probes, abortWhen }, limits, clock) =>
      createWatch({
        specs: probes,
        rules: abortWhen,
        probes: probes.map((spec) => createProbe(spec, { environment, allowed: limits.env })),
        clock,
      }),
    monitor: ({ plan, limits, watch, baseline, clock, renew }) =>
      createMonitor({
        watch,
        specs: plan.probes,
        rules: plan.abortWhen,
        judges: degradationJudges({
          specs: plan.probes,
          baseline,
          limits: limits.monitor,
          tolerate: plan.tolerate ?? limits.monitor.tolerate,
          durationMs: plan.reach.durationMs,
        }),
        baseline,
        limits: limits.monitor,
        clock,
        ...(plan.steps.some(hasRamps) ? { renewEveryMs: RAMP_EVERY_MS } : {}),
        renew: async () => {
          await renew();
        },
      }),
    load: (spec, limits) => startLoad(spec, { environment, allowed: limits.env }),
    checkLoad: (spec, limits) => checkLoad(spec, { environment, allowed: limits.env }),
    stopFile: watchStopFile,
  };
}

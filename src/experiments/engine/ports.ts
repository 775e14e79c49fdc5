import type { Clock } from '../../core/clock.ts';
import type { FaultSetState } from '../../core/fault.ts';
import type { CanaryProof, Owner } from '../../core/journal.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, Plan } from '../../core/plan.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import type { Baseline, HealthWatch, SafetyMonitor } from '../../safety/contract.ts';
import type { HeldPlane } from './plane.ts';

export interface MonitorRequest {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly watch: HealthWatch;
  readonly baseline: Baseline;
  readonly clock: Clock;
  /** Renews the lease with the ramps' current values. */
  readonly renew: () => Promise<FaultSetState>;
}

export interface GateRequest {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly clock: Clock;
  readonly plane: HeldPlane;
  readonly cwd: string;
}

export type GateOutcome =
  | { readonly gate: string; readonly passed: true; readonly detail: string }
  | { readonly gate: string; readonly passed: false; readonly reason: string };

export interface LoadSummary {
  readonly requests: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
  readonly p50: number;
  readonly p99: number;
}

/** All that a run touches outside itself. */
export interface RunPorts {
  /** @throws FaultlineError with exit code 6 */
  openPlane(plan: Plan, folder: string): Promise<HeldPlane>;
  canary(declaration: ProxyDeclaration): Promise<CanaryProof>;
  /** In their order, up to the first that says no. */
  gates(request: GateRequest): AsyncIterable<GateOutcome>;
  watch(plan: Plan, limits: SafetyLimits, clock: Clock): HealthWatch;
  monitor(request: MonitorRequest): SafetyMonitor;
  load(spec: LoadSpec): { stop(): Promise<LoadSummary> };
  owner(): Owner;
  isGone(owner: Owner): boolean;
}

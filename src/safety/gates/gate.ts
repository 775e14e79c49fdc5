import type { Clock } from '../../core/clock.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultDriver } from '../../core/ports.ts';

/** What the gates look at. */
export interface GateContext {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly clock: Clock;
  readonly driver: Pick<FaultDriver, 'state' | 'manualToxics'>;
  /** This run's name, as its leases carry it. */
  readonly run: string;
  /** Names of other runs that are under way, by their journals. Rejects where that cannot be told. */
  readonly otherRuns: () => Promise<readonly string[]>;
  /** Path of the stop file. */
  readonly stopFile: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Addresses that a name leads to; by default as this machine looks them up. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Who has approved this plan. */
  readonly approvals: readonly string[];
}

export type GateAnswer =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly reason: string };

/** One check before a run. A gate that rejects cannot tell, and that counts as no. */
export interface Gate {
  readonly name: string;
  check(context: GateContext): Promise<GateAnswer>;
}

export function yes(detail: string): GateAnswer {
  return { ok: true, detail };
}

export function no(reason: string): GateAnswer {
  return { ok: false, reason };
}

import type { FaultCounts, FaultSpec } from '../../core/fault.ts';

export type NamedFault = FaultSpec & { readonly id: string };

/** A fault set as a target gets it. */
export interface EngagedSet {
  readonly run: string;
  readonly epoch: number;
  readonly seed: number;
  readonly leaseMs: number;
  readonly faults: readonly NamedFault[];
}

/**
 * Something outside Faultline that knows neither epochs nor leases: a Toxiproxy server, a database. What it does with a fault
 * set is here; who may apply one, and until when, is `createLeasedDriver`'s.
 */
export interface Target {
  /** Kind of driver, as experiments name it. */
  readonly kind: string;
  /** Whether it knows how often a fault acted. */
  readonly counts: boolean;
  /** Finds out whether these could be applied, and changes nothing. @throws FaultlineError that names what cannot be */
  check(faults: readonly FaultSpec[]): Promise<void>;
  /** Puts a checked set in force. When it rejects, or `signal` aborts it, `release` follows. */
  engage(set: EngagedSet, signal: AbortSignal): Promise<void>;
  /** Takes over current values and prolongs what ends by itself. When it rejects, `release` follows. */
  renew(set: EngagedSet, signal: AbortSignal): Promise<void>;
  /** Takes everything back, within seconds whatever the target does; harmless when nothing is in force. Rejects, saying what may be left. */
  release(): Promise<void>;
  /** Faults that the target itself still shows; asked of it, not remembered. */
  remaining(): Promise<readonly NamedFault[]>;
  /** What a reader of the rollback's proof should know of it. */
  remark?(): string | undefined;
  /** By id of the fault. */
  countsOf(id: string): FaultCounts;
  /** Units held or delayed; undefined where the target cannot tell. */
  held(): Promise<number | undefined>;
  /** Names of what somebody has changed by hand. */
  manual(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** For targets that cannot count. */
export const UNCOUNTED: FaultCounts = { matched: 0, injected: 0, skipped: {}, uncounted: true };

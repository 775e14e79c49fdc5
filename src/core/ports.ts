import type { FaultSetRequest, FaultSetState, FaultSpec } from './fault.ts';
import type { DriverProof } from './journal.ts';
import type { Observation } from './observation.ts';

/** A way to put faults in force and take them back. */
export interface FaultDriver {
  readonly name: string;
  /** Whether it counts matched and injected units. */
  readonly counts: boolean;
  /** Finds out whether these faults could be applied, and changes nothing. Rejects with a FaultlineError that names what cannot be. */
  check?(faults: readonly FaultSpec[]): Promise<void>;
  /** A new set (higher epoch) or a renewal (same epoch). Rejects with a FaultlineError; then nothing was changed. */
  apply(set: FaultSetRequest): Promise<FaultSetState>;
  /** Takes everything back that the lease holds, up to `epoch` (default: the highest seen). */
  empty(epoch?: number): Promise<FaultSetState>;
  state(): Promise<FaultSetState>;
  /** Names of proxies with toxics set by hand. */
  manualToxics(): Promise<readonly string[]>;
  /** Units held or delayed now, over all proxies; undefined where nobody can tell. */
  held(): Promise<number | undefined>;
  /** What a reader of a rollback's proof should know of its target, such as that it has ended. */
  remark?(): string | undefined;
  /** What each of several drivers behind this one still has in force; absent where there is only one. */
  members?(): Promise<readonly DriverProof[]>;
  /** Announces the port of this machine that the next canary through a proxy comes from, so that it is not counted. */
  expectCanary?(proxy: string, port: number): Promise<void>;
  /** Takes everything back, and refuses faults until that is lifted. */
  halt(reason: string, by?: string): Promise<void>;
  /** Observations as they come, until `signal` aborts or the data plane is gone; then it ends or throws. */
  observe(signal: AbortSignal): AsyncIterable<Observation>;
}

/** One measurement of a probe. */
export interface Sample {
  readonly probe: string;
  /** When it began, monotonic ms of the controller. */
  readonly mono: number;
  /** How long it took, ms; a sample that failed took so long to fail. */
  readonly ms: number;
  readonly ok: boolean;
  /** HTTP status. */
  readonly status?: number;
  readonly value?: number;
  /** Why it failed, in a sentence without content, key or address of a secret. */
  readonly reason?: string;
}

/** Measures once. Never rejects: what goes wrong is a failed sample. */
export interface Probe {
  readonly name: string;
  measure(signal: AbortSignal): Promise<Omit<Sample, 'probe' | 'mono'>>;
  close(): Promise<void>;
}

import type { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { Attributes } from '../../core/fault.ts';

/** What a fault through a server's own commands says of itself: for plans, tables and reports. */
export interface AdminFaultFacts<A extends Attributes = Attributes> {
  /** As files name it. */
  readonly type: string;
  /** Reads attributes from a file: every field has a default, a unit and a description in its meta. */
  readonly attributes: z.ZodType<A>;
  readonly summary: string;
  /** What taking it back does, or that nothing can. */
  readonly undo: string;
  /** Whether it ends connections, which no rollback undoes. */
  readonly endsConnections: boolean;
  /** Whether `toxicity` is the share of what it acts on; else it is all of it. */
  readonly shares: boolean;
  /** What it acts on, in a word. */
  readonly unit: string;
  /** Longest delay it can add to one unit, ms (Infinity: holds until taken back). */
  addedLatency(attributes: A): number;
  /** The fault in a sentence without a full stop. */
  explain(attributes: A): string;
}

/** Current values of a fault; a renewal changes them. */
export interface AdminValues<A extends Attributes> {
  readonly attributes: A;
  readonly toxicity: number;
  readonly leaseMs: number;
}

export interface AdminContext<A extends Attributes, Server> extends AdminValues<A> {
  readonly server: Server;
  readonly clock: Clock;
  /** Aborted when the set is taken back while it comes into force. */
  readonly signal: AbortSignal;
  /** A number in [0, 1) that depends on the run's seed, the fault and `parts` only. */
  draw(...parts: readonly (string | number)[]): number;
  /** Sets the counts. */
  matched(units: number): void;
  injected(units: number): void;
  skipped(reason: string, units: number): void;
}

/** A fault in force. */
export interface Engaged<A extends Attributes> {
  renew(values: AdminValues<A>): Promise<void>;
  /** Takes it back. Rejects, saying what may be left. */
  release(): Promise<void>;
  /** False once something else has ended it. */
  readonly alive: boolean;
}

export interface AdminFault<A extends Attributes, Server> extends AdminFaultFacts<A> {
  /** Why this server, or this user of it, cannot do it; undefined when it can. Changes nothing. */
  whyNot(attributes: A, server: Server): Promise<string | undefined>;
  engage(context: AdminContext<A, Server>): Promise<Engaged<A>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a catalogue holds faults of every attribute type; each checks its own.
export type AnyAdminFault<Server> = AdminFault<any, Server>;

/** Why a fault cannot be engaged, in words. */
export class CannotEngage extends Error {}

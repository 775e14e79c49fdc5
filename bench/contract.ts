import type { FaultSpec } from '../src/core/fault.ts';
import type { Protocol } from '../src/core/protocol.ts';

/** What stands between client and server. Its name is a column of the results. */
export interface Way {
  readonly name: string;
  /** Puts it in front of a server on a port of this machine; undefined where its program is not on this machine. */
  open(upstream: number, options: OpenOptions): Promise<Front | undefined>;
}

export interface OpenOptions {
  /** Speak HTTP rather than pass bytes on, where the way can. */
  readonly http?: boolean;
  /** In a process of its own that has done nothing before: for measuring memory. */
  readonly fresh?: boolean;
}

/** A way in front of one server. */
export interface Front {
  readonly way: string;
  readonly port: number;
  /** The process that does the work, where there is one. */
  readonly pid?: number;
  close(): Promise<void>;
}

/** How Faultline is set up for one way. */
export interface FaultlineSetup {
  readonly name: string;
  readonly protocol?: Protocol;
  /** Engaged before anything is measured. */
  readonly faults?: readonly Omit<FaultSpec, 'proxy'>[];
}

/** One measured quantity: its median on each way, in the order of the columns. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly values: ReadonlyMap<string, number>;
}

/** What a workload is to reach: a figure of one way, by itself or as a ratio to another way's. */
export interface Aim {
  readonly figure: string;
  readonly way: string;
  readonly to?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Bench {
  /** Fewer rounds and shorter ones. */
  readonly quick: boolean;
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Data planes that workloads share. */
  faultline(setup: FaultlineSetup): Way;
  /** Called when the run ends, in reverse order. */
  defer(close: () => Promise<void> | void): void;
  /** One line for whoever watches. */
  say(line: string): void;
}

/** One kind of traffic, measured on several ways in one run. */
export interface Workload {
  /** As `--only` takes it. */
  readonly name: string;
  readonly title: string;
  /** What is run, in a sentence or as a command. */
  readonly how: string;
  readonly aims: readonly Aim[];
  /** Undefined where a program that it needs is not on this machine; it has said so. */
  run(bench: Bench): Promise<readonly Figure[] | undefined>;
}

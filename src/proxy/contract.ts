import type { Duplex } from 'node:stream';
import type { Attributes, FaultSetRequest, FaultSetState, Match, Stream } from '../core/fault.ts';
import type { Observation } from '../core/observation.ts';
import type { ProxyDeclaration } from '../core/protocol.ts';
import type { AnyFault, MatchKey } from '../faults/contract.ts';
import type { ClientWatch } from './clients/watch.ts';
import type { Released } from './release.ts';

/** What a fault's `match` is held against; a layer fills in what it sees. */
export interface UnitFacts {
  readonly client: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly model?: string;
  readonly sql?: string;
  /** Several where a statement holds several; one that matches is enough. */
  readonly command?: string | readonly string[];
  readonly user?: string;
  readonly database?: string;
  /** Several where a command names several; one that matches is enough. */
  readonly key?: string | readonly string[];
}

/** A unit that a fault has taken: it passed match, numbering and toxicity. */
export interface Taken {
  readonly attributes: Attributes;
  /** Next number in [0, 1) of the unit's own seeded sequence. */
  random(): number;
  /** The fault really acted; counts once however often it is called. */
  injected(): void;
  /** It did not come to act, and why. */
  skipped(reason: string): void;
}

/** One fault in force on one proxy: a manual toxic, or a leased fault. */
export interface ActiveFault {
  readonly id: string;
  readonly definition: AnyFault;
  readonly stream: Stream;
  /** What it is narrowed to; a layer reads from it which facts it must find out. */
  readonly match?: Match;
  readonly origin: 'manual' | 'leased';
  /** Current values, before any unit is taken. */
  readonly attributes: Attributes;
  /** Numbers the unit where its match passes; undefined when the fault leaves it alone. */
  take(facts: UnitFacts): Taken | undefined;
  /** Whether a text passes what `match` asks under this key; true where it asks nothing. Numbers nothing. */
  matches(key: MatchKey, text: string): boolean;
  /** Counts what it could not even number, and why: `encrypted`. */
  countSkipped(reason: string): void;
  /** State shared by all units of this fault on this proxy. */
  shared<T>(key: string, make: () => T): T;
  /** Aborted, synchronously, when the fault is taken back. */
  readonly released: Released;
}

/** Counts what a proxy does, for observations and metrics. */
export interface ProxyMeter {
  /** A unit begins. */
  unit(): void;
  /**
   * A unit ends: its status (`200`, `error`, …), whether a fault made or changed the answer, and µs to the first byte; or
   * `times` of them, all alike.
   */
  answered(status: string, injected: boolean, firstByteUs?: number, times?: number): void;
  retry(): void;
  /** A request is sent on to the upstream; one that a fault answers or breaks off before is not. */
  sentOn(retry: boolean): void;
  /** A unit is held or delayed until the answer is called. */
  hold(): () => void;
}

/** What the HTTP side of a proxy is given. */
export interface HttpHost {
  readonly declaration: ProxyDeclaration;
  /** HTTP faults in force now, in order. */
  faults(): readonly ActiveFault[];
  readonly meter: ProxyMeter;
  /** Where it is to be seen how clients take their answers. */
  readonly clients?: ClientWatch;
}

/**
 * The near end of a link: what an HTTP server has in place of the client's socket. `end()` passes a FIN on;
 * `destroySoon()` and `resetAndDestroy()` first hand on all that was written and then close the client's connection, the
 * latter by RST; `destroy()` closes it at once. It closes when the client goes.
 */
export interface NearEnd extends Duplex {
  destroySoon(): void;
  resetAndDestroy(): this;
}

/** The HTTP side of a proxy: speaks HTTP on the near end of a link. */
export interface HttpForwarder {
  /** Takes over the near end of a link; `client` is the client's address. */
  accept(end: NearEnd, client: string): void;
  /** Ends all at once. */
  close(): Promise<void>;
}

export interface ManualToxic {
  readonly name: string;
  readonly type: string;
  readonly stream: Stream;
  readonly toxicity: number;
  readonly attributes: Attributes;
}

/** A proxy as the control API handles it. Its methods throw FaultlineError or the system's error for a port. */
export interface ProxyHandle {
  readonly name: string;
  /** With the address that was really taken as `listen`. */
  readonly declaration: ProxyDeclaration;
  readonly enabled: boolean;
  readonly listening: boolean;
  /** Why the port is not open although it should be: it was tried to be taken again, and is tried on. */
  readonly error?: string;
  readonly toxics: readonly ManualToxic[];
  /** The next connection from this port of this machine, if it comes in a few seconds, is a canary: faults meet it, and it is not counted. */
  expectCanary(port: number): void;
  enable(): Promise<void>;
  /** Closes the listener and both sides of every live connection. */
  disable(): Promise<void>;
  /** A new address restarts the proxy; toxics survive. */
  update(change: { listen?: string; upstream?: string }): Promise<void>;
  /** Acts on live connections in the same tick. */
  addToxic(toxic: ManualToxic): void;
  updateToxic(name: string, change: { attributes?: Attributes; toxicity?: number }): void;
  /** Never waits for I/O. */
  removeToxic(name: string): void;
}

export interface ConnectionInfo {
  readonly id: number;
  readonly proxy: string;
  readonly client: string;
  readonly ageMs: number;
  readonly bytes: { readonly up: number; readonly down: number };
}

/** The data plane without its API. Calls on faults are synchronous: they have taken force when they return. */
export interface DataPlane {
  readonly instance: string;
  proxies(): readonly ProxyHandle[];
  proxy(name: string): ProxyHandle | undefined;
  addProxy(declaration: ProxyDeclaration, enabled: boolean): Promise<ProxyHandle>;
  removeProxy(name: string): Promise<void>;
  /** @throws FaultlineError EPOCH_SPENT, OTHER_RUN, OTHER_INSTANCE, HALTED, or what is wrong with a fault; then nothing was changed. */
  putFaults(request: FaultSetRequest): FaultSetState;
  emptyFaults(epoch?: number): FaultSetState;
  state(): FaultSetState;
  /** Takes everything back that leases or hands have put there, and refuses more. Who was first and why stays. */
  halt(reason: string, by?: string): void;
  lift(by?: string): void;
  /** Calls back once a second and just before a new epoch; the answer ends it. */
  observe(listener: (observation: Observation) => void): () => void;
  /** What `observe` would call back with now. */
  observation(): Observation;
  connections(): readonly ConnectionInfo[];
  /** Closes live connections, of one proxy or of all; answers how many. */
  closeConnections(proxy?: string): number;
  close(): Promise<void>;
}

import type { Halt } from './halt.ts';

export type Stream = 'upstream' | 'downstream';

/** Narrows a fault to some traffic. Globs except `sql` (a regular expression) and `client` (an address or CIDR). */
export interface Match {
  readonly client?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly model?: string;
  readonly sql?: string;
  readonly command?: string;
  readonly user?: string;
  readonly database?: string;
  readonly key?: string;
  /** Take only this many units. */
  readonly first?: number;
  /** Skip this many units. */
  readonly after?: number;
  /** Take one unit in this many, beginning with the first. */
  readonly every?: number;
}

export type AttributeValue = number | string | boolean | Readonly<Record<string, string>>;
/** By name; times in ms (or the attribute's own unit), sizes in bytes. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One leased fault, as `PUT /faults` carries it. */
export interface FaultSpec {
  /** Names the fault in counts and in renewals; by default `<type>_<stream>`, numbered where that is taken. */
  readonly id?: string;
  /** Driver that carries it; absent for the data plane of the run. */
  readonly driver?: string;
  /** Proxy that it acts on; for a driver without proxies, the driver's own name. */
  readonly proxy: string;
  readonly type: string;
  readonly stream?: Stream;
  /** Share of units, 0 to 1; default 1. */
  readonly toxicity?: number;
  readonly match?: Match;
  readonly attributes?: Attributes;
}

/** What a fault acts on, for people: `redis`, or `lab/redis` for a proxy of another driver. */
export function placeOf({ driver, proxy }: Pick<FaultSpec, 'driver' | 'proxy'>): string {
  return driver === undefined || driver === proxy ? proxy : `${driver}/${proxy}`;
}

/** Traffic that no leased fault touches. */
export interface Exempt {
  /** Globs by header name; a request that carries one of them is exempt. Only HTTP has headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Addresses or CIDRs; a connection from one of them is exempt. */
  readonly clients?: readonly string[];
}

export function exemptsAny({ headers = {}, clients = [] }: Exempt = {}): boolean {
  return Object.keys(headers).length + clients.length > 0;
}

/** What `PUT /faults` asks for: the whole leased set. */
export interface FaultSetRequest {
  readonly run: string;
  readonly epoch: number;
  /** `10s`, or milliseconds. */
  readonly lease: string | number;
  readonly seed: number;
  /** Refuse unless the data plane is still this one. */
  readonly instance?: string;
  /** Left alone by all faults of the set; a renewal repeats it unchanged. */
  readonly exempt?: Exempt;
  readonly faults: readonly FaultSpec[];
}

export interface FaultCounts {
  /** Units that passed the fault's `match`. */
  readonly matched: number;
  /** Units on which the fault acted. */
  readonly injected: number;
  /** Units left alone although the fault would have acted, by reason (`toxicity`, `preempted`, …); `exempt` ones are not in `matched`. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Nobody counts: the figures are 0 and say nothing. */
  readonly uncounted?: true;
}

export type CountedFault = Required<Pick<FaultSpec, 'id' | 'proxy' | 'type'>> &
  Omit<FaultSpec, 'id' | 'proxy' | 'type'> &
  FaultCounts;

/** The answer to `PUT`, `GET` and `DELETE /faults`. */
export interface FaultSetState {
  /** Random per data-plane process. */
  readonly instance: string;
  /** The epoch in force, or the highest seen when the set is empty. */
  readonly epoch: number;
  /** The run that holds the lease; absent when the set is empty. */
  readonly run?: string;
  /** Milliseconds left of the lease; 0 when the set is empty. */
  readonly expiresIn: number;
  readonly faults: readonly CountedFault[];
  /** Final counts of the set that this call ended. */
  readonly previous?: {
    readonly run: string;
    readonly epoch: number;
    readonly ended: 'replaced' | 'emptied' | 'expired' | 'halted';
    readonly faults: readonly CountedFault[];
  };
  readonly halted?: Halt;
}

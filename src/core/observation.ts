import type { FaultCounts } from './fault.ts';

export interface StatusCounts {
  /** Answers that the upstream gave. */
  readonly organic: number;
  /** Answers that a fault made or changed. */
  readonly injected: number;
}

/** What one proxy did, cumulative since the epoch began. Holds no address, key, path or content. */
export interface ProxyObservation {
  readonly connections: {
    readonly open: number;
    readonly new: number;
    readonly closed: number;
    readonly reset: number;
  };
  readonly bytes: { readonly up: number; readonly down: number };
  /** HTTP requests, Redis commands, Postgres statements; connections on tcp. */
  readonly units: number;
  /** By HTTP status, SQLSTATE or Redis error code; `error` for no answer (the connection broke, or could not be made), `ok` for a protocol's plain success. */
  readonly status: Readonly<Record<string, StatusCounts>>;
  /** Time to the first byte of the answer in microseconds: HdrHistogram V2, compressed and base64; empty string for none. */
  readonly latency: { readonly organic: string; readonly injected: string };
  /** Requests that say they are retries (`x-stainless-retry-count` above 0). */
  readonly retries: number;
  /** Requests that were sent on to the upstream, and those of them that say they are retries; only where requests are HTTP. */
  readonly sentOn?: { readonly requests: number; readonly retries: number };
  /** Units that a fault holds or delays now. */
  readonly held: { readonly open: number; readonly longestMs: number };
  /** By fault id. */
  readonly faults: Readonly<Record<string, FaultCounts>>;
}

/** One event of `GET /observations`, once a second, and one more just before a new epoch begins. */
export interface Observation {
  /** Wall clock, RFC 3339. */
  readonly t: string;
  /** Monotonic milliseconds of the data plane. */
  readonly mono: number;
  readonly instance: string;
  readonly epoch: number;
  /** Today always `all`. */
  readonly cohort: string;
  readonly proxies: Readonly<Record<string, ProxyObservation>>;
}

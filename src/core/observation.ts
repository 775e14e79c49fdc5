import type { FaultCounts } from './fault.ts';

export interface StatusCounts {
  /** Answers that the upstream gave. */
  readonly organic: number;
  /** Answers that a fault made or changed. */
  readonly injected: number;
}

/**
 * How clients took answers that failed, cumulative since the epoch began. A request is known again by a digest of its method, path
 * and body that never leaves the data plane; histograms are HdrHistogram V2 of microseconds, compressed and base64, empty for none.
 * A request that clients repeat after good answers too (a poll, say) is counted here only where it comes much sooner than it would
 * anyhow, or says that it is a retry: else nobody knows why it comes. What a client did about a failure of the epoch before is not
 * counted. On Postgres and Redis one statement or command a connection is looked at, the first of those that are sent together, and
 * only while somebody follows the observations.
 */
export interface ClientBehaviour {
  /**
   * Requests that failed, organic and injected: HTTP status 408, 425, 429 or 5xx, or from 400 on where a fault made the answer; an
   * error event inside a stream; a broken, cut or missing answer; one that the client gave up. On Postgres and Redis, errors after
   * which the same may well succeed (SQLSTATE 40001, LOADING), or that a fault made.
   */
  readonly failed: number;
  /** Of them, those that the same request followed, each by one, within a minute or a minute after the time that it was told. */
  readonly followed: number;
  /** Time from the end of a failed answer to the same request again: after its first failure, its second, and all later ones. */
  readonly backoff: readonly [first: string, second: string, later: string];
  /** Most times that one request was sent in a row. */
  readonly longestChain: number;
  /** Failed answers that said when to come back, and what became of them; one that nobody followed is in neither. */
  readonly retryAfter: { readonly told: number; readonly kept: number; readonly early: number };
  /** Requests that the client gave up before their answer was whole (that is a failure too), and their age then. */
  readonly abandoned: { readonly count: number; readonly age: string };
  /** Answers that ended well before they were whole, as where a stream stops without its last event; `followed` as above. */
  readonly truncated: { readonly count: number; readonly followed: number };
  /** Requests under way now, and the age of the oldest, ms. */
  readonly open: number;
  readonly oldestMs: number;
  /** Most of the same request, statement or command under way at one moment; on Postgres and Redis, on so many connections. */
  readonly duplicates: number;
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
  /** Absent where the protocol shows no requests. */
  readonly clients?: ClientBehaviour;
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

/** What the load saw of the target, over its whole time. */
export interface LoadSummary {
  /** Requests that came to an end: answered, broken or timed out. Those under way at the stop are in no count. */
  readonly requests: number;
  /** Broken before an answer: no connection, or one that ended. */
  readonly errors: number;
  /** Without an answer for ten seconds. */
  readonly timeouts: number;
  /** Answers with another status than 2xx. */
  readonly non2xx: number;
  /** Of the answered ones, ms to the end of the answer, by nearest rank; 0 for none. */
  readonly p50: number;
  readonly p99: number;
}

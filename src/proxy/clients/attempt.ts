/** What became of a request, as its client sees it. */
export type Fate = 'whole' | 'failed' | 'truncated' | 'abandoned';

/** One request, from its arrival until its answer is over; where that failed, until the same request comes again. */
export class Attempt {
  readonly since: number;
  /** Of the requests alike that are told apart from others. */
  alike: Alike | undefined;
  /** How many times the request was sent in a row, this time included. */
  row = 1;
  /** When its answer was over, and in which epoch. */
  endedAt = 0;
  epoch = 0;
  fate: Fate | undefined;
  /** How long the answer told its client to wait, ms. */
  waitMs: number | undefined;
  /** Counted among the failed. */
  counted = false;
  /** Its neighbours among those that are under way. */
  before: Attempt | undefined;
  after: Attempt | undefined;

  constructor(since: number) {
    this.since = since;
  }
}

/** Requests that are the same. */
export class Alike {
  readonly half: number;
  readonly proof: number;
  /** Of them under way. */
  open = 0;
  /** Those that failed and that none has followed yet, the oldest first. */
  failed: Attempt[] | undefined;
  /** When one was last answered well. */
  wholeAt: number | undefined;
  /** How often one came after another that was answered well, and the usual time between, ms. */
  repeats = 0;
  gapMs = 0;

  constructor(half: number, proof: number) {
    this.half = half;
    this.proof = proof;
  }
}

import type { Clock } from '../../core/clock.ts';
import type { ClientBehaviour } from '../../core/observation.ts';
import { MicrosecondHistogram } from '../histogram.ts';
import { type Alike, Attempt, type Fate } from './attempt.ts';
import type { Digest } from './digest.ts';
import { Memory } from './memory.ts';

/** How a request ended. */
export interface Ending {
  readonly fate: Fate;
  /** How long the answer told its client to wait, ms. */
  readonly waitMs?: number | undefined;
}

export const WHOLE: Ending = { fate: 'whole' };
export const FAILED: Ending = { fate: 'failed' };
export const ABANDONED: Ending = { fate: 'abandoned' };
export const TRUNCATED: Ending = { fate: 'truncated' };

/** A wait that was kept but for this is kept: clocks differ, and timers are coarse. */
const TOO_EARLY_MS = 50;
const TOO_EARLY_SHARE = 0.05;
/** So many times a request comes again after good answers before that is taken for its habit. */
const HABIT = 3;
/** One that has a habit comes again for its failure only where it comes so much sooner than it would anyhow. */
const SOONER = 4;

/** Sees how the clients of one proxy take their answers. Knows requests by their digests alone. */
export class ClientWatch {
  readonly #clock: Clock;
  readonly #asked: () => boolean;
  readonly #memory = new Memory();
  #first: Attempt | undefined;
  #last: Attempt | undefined;
  #open = 0;
  #epoch = 0;
  #counts = zero();

  /** `asked`: somebody wants to know; what is too costly to look at always is looked at then. */
  constructor(clock: Clock, asked: () => boolean = () => true) {
    this.#clock = clock;
    this.#asked = asked;
  }

  get asked(): boolean {
    return this.#asked();
  }

  /** A request begins to arrive. */
  begin(): Attempt {
    const attempt = new Attempt(this.#clock.now());
    attempt.before = this.#last;
    if (this.#last) this.#last.after = attempt;
    else this.#first = attempt;
    this.#last = attempt;
    this.#open++;
    return attempt;
  }

  /**
   * It is here as far as needed to know it again. `part`: what it is known by where an earlier one ended before it was
   * here so far. `retry`: it says that it was sent before.
   */
  known(attempt: Attempt, digest: Digest, part?: Digest, retry = false): void {
    if (attempt.alike || attempt.fate) return;
    const { half, proof } = digest;
    const alike = this.#memory.of(half, proof);
    attempt.alike = alike;
    this.#follow(attempt, alike, retry);
    if (attempt.row === 1 && part && (part.half !== half || part.proof !== proof)) {
      const unread = this.#memory.find(part.half, part.proof);
      if (unread) this.#follow(attempt, unread, retry);
    }
    alike.open++;
    if (alike.open > this.#counts.duplicates) this.#counts.duplicates = alike.open;
  }

  /** Its answer is over, or it is given up. Only the first time counts. */
  end(attempt: Attempt, { fate, waitMs }: Ending): void {
    if (attempt.fate) return;
    this.#unlink(attempt);
    const now = this.#clock.now();
    const { alike } = attempt;
    attempt.fate = fate;
    attempt.endedAt = now;
    attempt.epoch = this.#epoch;
    if (alike) alike.open--;
    if (fate === 'whole') {
      if (alike) alike.wholeAt = now;
      return;
    }
    attempt.waitMs = waitMs;
    const counts = this.#counts;
    if (fate === 'abandoned') {
      counts.abandoned++;
      counts.age.record((now - attempt.since) * 1000);
    }
    if (fate === 'truncated') counts.truncated++;
    else if (alike && alike.repeats < HABIT) this.#failed(attempt);
    if (alike) this.#memory.keep(alike, attempt);
  }

  /** Counts begin anew. What clients do about failures of before is no longer counted. */
  newEpoch(): void {
    this.#epoch++;
    this.#counts = zero();
  }

  observe(): ClientBehaviour {
    const { failed, followed, backoff, longestRow, told, kept, early, abandoned, age, truncated } =
      this.#counts;
    const { truncatedFollowed, duplicates } = this.#counts;
    return {
      failed,
      followed,
      backoff: [backoff[0].text, backoff[1].text, backoff[2].text],
      longestChain: longestRow,
      retryAfter: { told, kept, early },
      abandoned: { count: abandoned, age: age.text },
      truncated: { count: truncated, followed: truncatedFollowed },
      open: this.#open,
      oldestMs: this.#first ? Math.round(this.#clock.now() - this.#first.since) : 0,
      duplicates,
    };
  }

  #failed(attempt: Attempt): void {
    attempt.counted = true;
    this.#counts.failed++;
    if (attempt.waitMs !== undefined) this.#counts.told++;
    this.#counts.longestRow = Math.max(this.#counts.longestRow, attempt.row);
  }

  /** The request comes in place of the oldest alike that failed, if there is one. */
  #follow(attempt: Attempt, alike: Alike, retry: boolean): void {
    const gap = this.#gapOf(alike, attempt.since);
    const before = this.#memory.takeFailed(alike, attempt.since);
    if (!before) return;
    const after = attempt.since - before.endedAt;
    const habitual = alike.repeats >= HABIT && !retry && after * SOONER > gap;
    if (habitual) return;
    attempt.row = before.row + 1;
    if (before.epoch !== this.#epoch) return;
    const counts = this.#counts;
    if (before.fate === 'truncated') counts.truncatedFollowed++;
    else {
      if (!before.counted) this.#failed(before);
      counts.followed++;
      counts.backoff[Math.min(before.row, 3) - 1]!.record(after * 1000);
    }
    counts.longestRow = Math.max(counts.longestRow, attempt.row);
    if (before.waitMs === undefined) return;
    if (after < before.waitMs * (1 - TOO_EARLY_SHARE) - TOO_EARLY_MS) counts.early++;
    else counts.kept++;
  }

  /** The usual time between two of these that are answered well, which this one adds to. */
  #gapOf(alike: Alike, now: number): number {
    if (alike.wholeAt !== undefined) {
      const gap = Math.max(0, now - alike.wholeAt);
      alike.gapMs = alike.repeats === 0 ? gap : alike.gapMs + (gap - alike.gapMs) / 4;
      alike.repeats++;
      alike.wholeAt = undefined;
    }
    return alike.gapMs;
  }

  #unlink(attempt: Attempt): void {
    const { before, after } = attempt;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    attempt.before = undefined;
    attempt.after = undefined;
    this.#open--;
  }
}

function zero() {
  return {
    failed: 0,
    followed: 0,
    backoff: [new MicrosecondHistogram(), new MicrosecondHistogram(), new MicrosecondHistogram()] as const,
    longestRow: 0,
    told: 0,
    kept: 0,
    early: 0,
    abandoned: 0,
    age: new MicrosecondHistogram(),
    truncated: 0,
    truncatedFollowed: 0,
    duplicates: 0,
  };
}

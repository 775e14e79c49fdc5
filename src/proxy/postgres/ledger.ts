import { Fifo } from '../../faults/fifo.ts';
import type { ServerError, TransactionStatus } from '../../protocols/postgres/messages.ts';
import type { LostAnswer } from './lost-answer.ts';

/** A `Query`, `Execute` or function call on its way. */
export interface Pending {
  /** When it arrived, in ms of the clock. */
  readonly since: number;
  /** When the first of its answer came. */
  answeredAt: number | undefined;
  /** A fault delayed it, or made its answer. */
  injected: boolean;
}

/** The answer to a unit in whose place something was sent that fails, or brings no more than the end of its transaction. */
export interface Rewrite {
  readonly kind: 'rewrite';
  readonly unit: Pending;
  /** Takes the place of the error that the server was led to give, or of the end of a ROLLBACK. */
  readonly error: ServerError;
  /** Messages sent beside it have answers that nobody asked for: how many answers are before them, how many they are. */
  readonly extra?: { readonly after: number; readonly count: number };
  /** It was made of the answer; or could not be, and why. */
  done(): void;
  failed(reason: string): void;
}

/** What one ReadyForQuery answers: the start-up, a simple query or function call, or all up to a Sync. */
export interface Segment {
  readonly kind: 'startup' | 'simple' | 'extended';
  /** Units without an answer, in order. */
  readonly units: Pending[];
  /** Its Sync has been sent; only of an extended one. */
  synced: boolean;
  /** A query came before its Sync, whose ReadyForQuery answers both. */
  merged: boolean;
  /** Messages sent that have an answer of their own, and such answers that came. */
  owed: number;
  got: number;
  /** The first error in it. */
  sqlstate: string | undefined;
  /** What is to be made of the answer to one of its units. */
  surgery: Rewrite | LostAnswer | undefined;
}

export interface LedgerOptions {
  readonly now: () => number;
  /** A unit has its whole answer: an error's code, or none. */
  readonly answered: (unit: Pending, sqlstate: string | undefined) => void;
}

/**
 * Which answers are due. Each `Query`, function call and `Sync` brings exactly one ReadyForQuery; after an error in the
 * extended protocol the server takes no notice of anything up to the next `Sync`; while it copies in, it takes none of a
 * `Sync`.
 */
export class Ledger {
  status: TransactionStatus = 'I';
  readonly #options: LedgerOptions;
  #segments = new Fifo<Segment>();
  /** Of the extended protocol, its Sync not yet sent. */
  #open: Segment | undefined;
  #skipping = false;
  #copying = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#segments.push(segment('startup'));
  }

  /** What the next answer belongs to. */
  get head(): Segment | undefined {
    return this.#segments.first;
  }

  /** Segments without their ReadyForQuery. */
  get size(): number {
    return this.#segments.length;
  }

  /** The extended segment that is being sent. */
  get open(): Segment | undefined {
    return this.#open;
  }

  /** The server discards what comes, up to a Sync. */
  get skipping(): boolean {
    return this.#skipping;
  }

  /** A `Query` or a function call is sent on. */
  simple(unit: Pending): Segment {
    if (this.#open) this.#open.merged = true;
    this.#open = undefined;
    const added = segment('simple');
    added.units.push(unit);
    this.#segments.push(added);
    return added;
  }

  /** A message of the extended protocol that has an answer of its own is sent on; `unit` where it is an `Execute`. */
  extended(unit?: Pending): Segment {
    const open = this.#openSegment();
    if (unit) open.units.push(unit);
    open.owed++;
    return open;
  }

  sync(): void {
    if (this.#copying) return;
    this.#openSegment().synced = true;
    this.#open = undefined;
    this.#skipping = false;
  }

  /** The client is done with copying in, one way or the other. */
  copyDone(): void {
    this.#copying = false;
  }

  /** The server asks for data to copy in. */
  copyIn(): void {
    const { head } = this;
    this.#copying = true;
    if (head?.kind !== 'extended' || this.#segments.length > 1) return;
    // The Sync right behind the Execute arrives while the server copies, and is ignored.
    head.synced = false;
    this.#open = head;
  }

  /** Something of an answer came. */
  answering(): void {
    const unit = this.head?.units[0];
    if (unit && unit.answeredAt === undefined) unit.answeredAt = this.#options.now();
  }

  /** A message of the extended protocol has its answer; `executed` where it was an Execute. */
  completed(executed: boolean): void {
    const { head } = this;
    if (head?.kind !== 'extended') return;
    head.got++;
    const unit = executed ? head.units.shift() : undefined;
    if (unit) this.#options.answered(unit, undefined);
  }

  failed(sqlstate: string): void {
    const { head } = this;
    this.#copying = false;
    if (!head) return;
    head.sqlstate ??= sqlstate;
    if (head.kind !== 'extended') return;
    const [unit] = head.units.splice(0);
    if (unit) this.#options.answered(unit, sqlstate);
    if (!head.synced) this.#discard(head);
  }

  /** ReadyForQuery: answers what it ends. */
  ready(status: TransactionStatus): Segment | undefined {
    this.status = status;
    this.#copying = false;
    let ended = this.#segments.shift();
    while (ended?.merged) ended = this.#segments.shift();
    if (!ended) return undefined;
    if (ended === this.#open) this.#open = undefined;
    if (!this.#open) this.#skipping = false;
    for (const unit of ended.units) this.#options.answered(unit, ended.sqlstate);
    return ended;
  }

  /** Units that will never be answered, each with the error that came before the end. */
  *unanswered(): IterableIterator<readonly [Pending, string | undefined]> {
    for (const { units, sqlstate } of this.#segments) for (const unit of units) yield [unit, sqlstate];
  }

  #openSegment(): Segment {
    if (!this.#open) {
      this.#open = segment('extended');
      this.#segments.push(this.#open);
    }
    return this.#open;
  }

  /** The server discards what was sent after an error, whatever it is, up to the next Sync: there the segment ends. */
  #discard(failed: Segment): void {
    const later = [...this.#segments].slice(1);
    const ending = later.findIndex(({ synced }) => synced);
    const kept = ending < 0 ? [] : later.slice(ending + 1);
    failed.merged = false;
    failed.synced = ending >= 0;
    this.#skipping = ending < 0;
    if (ending < 0) this.#open = failed;
    if (later.length === 0) return;
    this.#segments = new Fifo();
    for (const segment of [failed, ...kept]) this.#segments.push(segment);
  }
}

function segment(kind: Segment['kind']): Segment {
  return {
    kind,
    units: [],
    synced: false,
    merged: false,
    owed: 0,
    got: 0,
    sqlstate: undefined,
    surgery: undefined,
  };
}

import type { Ending } from '../../faults/contract.ts';
import type { Conversation } from '../../protocols/redis/conversation.ts';
import { ReplyFramer } from '../../protocols/redis/replies.ts';
import { ARRAY } from '../../protocols/redis/reply-forms.ts';
import { endOfAnswer } from '../../protocols/redis/whole-replies.ts';
import { errorCode } from '../../protocols/redis/write.ts';
import type { ConnectionWatch } from '../clients/connection-watch.ts';
import type { SessionContext } from '../session.ts';
import type { Addresses } from './addresses.ts';
import { Collected } from './collected.ts';
import { Ledger } from './ledger.ts';
import type { Owed } from './owed.ts';

/** Bytes of a reply that are looked at before it is dropped; a longer one is dropped unseen or passes. */
const MOST_COLLECTED = 64 * 1024;
/** Errors after which the same command may well succeed. */
const PASSING: ReadonlySet<string> = new Set(
  'BUSY CLUSTERDOWN LOADING MASTERDOWN MISCONF NOREPLICAS OOM READONLY TRYAGAIN'.split(' '),
);
/** A reply with addresses longer than this passes as it is. */
const MOST_REWRITTEN = 4 * 1024 * 1024;

/**
 * The server's side of a connection: what it sends goes on to the client as it came, but for replies that a fault wants
 * dropped or changed, and with those that a fault made in their places.
 */
export class ReplySide {
  readonly #context: SessionContext;
  readonly #conversation: Conversation;
  readonly #addresses: Addresses;
  readonly #watch: ConnectionWatch;
  readonly #framer = new ReplyFramer();
  readonly #ledger = new Ledger();
  readonly #transaction = this.#ledger.transaction;
  /** When the last blocking command was answered: those behind it had to wait for it. */
  #unblockedAt = 0;
  #frameAt = 0;
  #collected: Collected | undefined;
  /** An item is being dropped, in whose place another went on. */
  #dropping = false;
  #over = false;
  /** Nothing here can be told apart any more; all passes. */
  opaque = false;

  constructor(
    context: SessionContext,
    conversation: Conversation,
    addresses: Addresses,
    watch: ConnectionWatch,
  ) {
    this.#watch = watch;
    this.#context = context;
    this.#conversation = conversation;
    this.#addresses = addresses;
  }

  /** A command was carried out; its turn to be answered comes after all those before it. */
  owe(owed: Owed): void {
    if (owed.counted) this.#context.meter.unit();
    if (this.opaque) {
      this.#unanswered(owed);
      return;
    }
    if (this.#ledger.add(owed)) this.#settle(this.#context.clock.now());
  }

  /**
   * The same of an ordinary command to which faults have nothing to do. Those that come together are owed together: what
   * they are owed is told to the first.
   */
  oweOrdinary(since: number): Owed | undefined {
    this.#context.meter.unit();
    if (!this.opaque) return this.#ledger.addOrdinary(since);
    this.#context.meter.answered('error', false);
    return undefined;
  }

  push(chunk: Buffer): void {
    if (this.#over) return;
    if (this.opaque) {
      this.#context.toClient(chunk);
      return;
    }
    const rest = this.#walk(chunk);
    if (rest < chunk.length && !this.#over) {
      this.#context.toClient(rest === 0 ? chunk : chunk.subarray(rest));
    }
  }

  /** The server has ended its side; what faults made of what is next in turn was settled already. */
  end(): void {
    if (!this.#over) this.#context.toClientEnd();
  }

  closed(): void {
    this.#over = true;
    for (const owed of this.#ledger.drain()) this.#unanswered(owed);
    this.#transaction.over('connection closed');
  }

  /** Answers from where on the chunk has not been dealt with and passes as it came. */
  #walk(chunk: Buffer): number {
    const framer = this.#framer;
    const now = this.#context.clock.now();
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      const start = at;
      const head = this.#ledger.head;
      if (!framer.under) {
        if (head?.times && this.#conversation.onlyAnswers) {
          at = this.#skipAnswers(head, head.times, chunk, at, now);
          if (at > start) {
            if (this.#ledger.head !== head) from = this.#next(chunk, from, at, now);
            if (this.#over) return chunk.length;
            continue;
          }
        }
        this.#frameAt = now;
        if (this.#collects(chunk[start]!, head)) {
          this.#pass(chunk, from, start);
          from = start;
          this.#collected = new Collected();
        }
      }
      const opens = head?.exchange?.command.role === 'exec' && !this.#collected;
      const steps = head?.instead?.do === 'items' && head.exchange?.result === undefined;
      at = framer.read(chunk, at, opens || steps);
      if (framer.broken) {
        this.#giveUp();
        return from;
      }
      if (this.#collected) {
        from = at;
        this.#collect(this.#collected, chunk.subarray(start, at), head);
        if (this.#over) return chunk.length;
      } else if (steps) from = this.#step(chunk, from, at, head);
      else if (opens && framer.atBoundary && !framer.complete && framer.items === 0) this.#openExec(head);
      if (!framer.complete || (opens && this.#transaction.answering)) continue;
      from = this.#frameOver(chunk, from, at, head, now);
      if (this.#over) return chunk.length;
      if (this.opaque) return from;
    }
    return from;
  }

  /** Goes by the answers to ordinary commands that are here whole, and counts them; answers where the first other begins. */
  #skipAnswers(head: Owed, times: number, chunk: Buffer, at: number, now: number): number {
    let left = times;
    while (left > 0) {
      const end = endOfAnswer(chunk, at);
      if (end < 0) break;
      at = end;
      left--;
    }
    if (left === times) return at;
    const us = Math.max(0, now - Math.max(head.since, this.#unblockedAt)) * 1000;
    this.#context.meter.answered('ok', false, us, times - left);
    this.#watch.over(head, false);
    this.#ledger.shift(times - left);
    return at;
  }

  /** Whether the value that begins with this byte is kept back until it is here whole. */
  #collects(type: number, head: Owed | undefined): boolean {
    const what = head?.instead?.do;
    if (what === 'reply' || what === 'close') return true;
    return this.#addresses.rewrites(type, head?.exchange, this.#conversation.subscribed);
  }

  /** A whole value has come: takes it off what is owed, and puts in what faults made of what comes next. */
  #frameOver(chunk: Buffer, from: number, at: number, head: Owed | undefined, now: number): number {
    const answer = this.#conversation.received(this.#framer, head?.exchange);
    const collected = this.#collected;
    if (answer === 'lost' || (answer !== 'push' && !head)) {
      this.#giveUp();
      return from;
    }
    this.#collected = undefined;
    if (answer === 'push') {
      if (collected) this.#context.toClient(this.#addresses.rewritePublished(collected.whole));
      return this.#next(chunk, from, at, now);
    }
    const owed = head!;
    if (owed.counted) owed.firstAt ??= this.#frameAt;
    if (collected && owed.instead?.do === 'close') {
      this.#close(owed, owed.instead.how);
      return from;
    }
    const replaced = collected !== undefined && owed.instead?.do === 'reply';
    if (collected && !replaced)
      this.#context.toClient(this.#addresses.rewrite(collected.whole, owed.exchange));
    if (answer === 'part') return from;
    if (replaced) {
      this.#replace(owed, now);
      this.#settle(now);
      return from;
    }
    this.#answered(owed);
    return this.#next(chunk, from, at, now);
  }

  /** The header of EXEC's answer has come; its results follow, each as a value of its own. */
  #openExec(head: Owed): void {
    const { type, size } = this.#framer;
    if (type !== ARRAY || !Number.isFinite(size)) return;
    this.#framer.open();
    this.#ledger.shift();
    this.#count(head, 'ok', head.firstAt ?? this.#frameAt);
    this.#transaction.begin(size);
  }

  /** Where what comes next is not the server's matter, hands on what was before it and answers it. */
  #next(chunk: Buffer, from: number, at: number, now: number): number {
    const next = this.#ledger.head;
    if (next === undefined || next.exchange !== undefined) return from;
    this.#pass(chunk, from, at);
    this.#settle(now);
    return at;
  }

  /** Answers what is next in turn, as long as it waits for nothing from the server. */
  #settle(now: number): void {
    while (!this.#framer.under && !this.#over) {
      const head = this.#ledger.head;
      if (!head || head.exchange !== undefined) return;
      head.firstAt = now;
      if (head.instead?.do === 'close') this.#close(head, head.instead.how);
      else this.#replace(head, now);
    }
  }

  #replace(head: Owed, now: number): void {
    this.#ledger.shift();
    if (head.instead?.do !== 'reply') return;
    const { bytes, status } = head.instead;
    this.#context.toClient(bytes);
    head.verdict?.injected();
    head.injected = true;
    if (head.exchange?.result) this.#transaction.aborting = true;
    else if (head.exchange?.command.role === 'discard') this.#transaction.over('transaction discarded');
    this.#count(head, status, now);
  }

  #close(head: Owed, how: Ending): void {
    this.#ledger.shift();
    head.verdict?.injected();
    if (head.counted) this.#context.meter.answered('error', true);
    this.#watch.over(head, true);
    this.#over = true;
    this.#context.close(how);
  }

  /** The server's own answer to what is at the head is complete. */
  #answered(head: Owed): void {
    const { isError, text } = this.#framer;
    const { exchange, instead, firstAt = 0 } = head;
    this.#ledger.shift();
    if (exchange?.result) {
      if (isError) head.verdict?.skipped('not queued');
      else this.#transaction.queued(head);
    } else {
      const role = exchange?.command.role;
      // That the server aborts it is the doing of the fault that made one of its commands fail.
      if (role === 'exec' && this.#transaction.aborting) head.injected = true;
      if (role === 'exec' || role === 'discard' || role === 'reset')
        this.#transaction.over('transaction discarded');
      if (instead?.do === 'items' && !head.acted) head.verdict?.skipped('no such items');
    }
    if (exchange) this.#addresses.passed(exchange, isError ? text : undefined);
    if (exchange?.blocking) this.#unblockedAt = firstAt;
    this.#count(head, isError ? errorCode(text) : 'ok', firstAt);
  }

  #count(owed: Owed, status: string, firstAt: number): void {
    const { counted, exchange, since, injected } = owed;
    this.#watch.over(owed, status !== 'ok' && (injected || PASSING.has(status)));
    if (!counted) return;
    const from = Math.max(since, this.#unblockedAt);
    const us = exchange?.blocking ? undefined : Math.max(0, firstAt - from) * 1000;
    this.#context.meter.answered(status, injected, us);
  }

  #collect(collected: Collected, piece: Buffer, head: Owed | undefined): void {
    collected.add(piece);
    if (collected.bytes > MOST_REWRITTEN) this.#passCollected();
    if (collected.bytes <= MOST_COLLECTED || this.#framer.complete || this.#framer.isPush) return;
    if (head?.instead?.do === 'close') this.#close(head, head.instead.how);
    else if (head?.instead?.do === 'reply') collected.drop();
  }

  /** Moves past one boundary of an answer, putting other items in the place of the server's. */
  #step(chunk: Buffer, from: number, at: number, head: Owed): number {
    const framer = this.#framer;
    if (this.#dropping) from = at;
    if (!framer.atBoundary) return from;
    this.#dropping = false;
    if (framer.complete || framer.type !== ARRAY || head.instead?.do !== 'items') return from;
    const other = head.instead.at.get(framer.items);
    if (!other) return from;
    this.#pass(chunk, from, at);
    this.#context.toClient(other);
    head.verdict?.injected();
    head.injected = true;
    head.acted = true;
    this.#dropping = true;
    return at;
  }

  #unanswered(owed: Owed): void {
    const { counted, injected, verdict, times = 1 } = owed;
    this.#watch.over(owed, true);
    verdict?.skipped('connection closed');
    if (counted) this.#context.meter.answered('error', injected, undefined, times);
  }

  #pass(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#context.toClient(chunk.subarray(from, to));
  }

  #passCollected(): void {
    this.#collected?.pass(this.#context.toClient);
    this.#collected = undefined;
  }

  #giveUp(): void {
    this.opaque = true;
    this.#passCollected();
    for (const owed of this.#ledger.drain()) this.#unanswered(owed);
    this.#transaction.over('not readable');
  }
}

import type { Ending } from '../../faults/contract.ts';
import { Fifo } from '../../faults/fifo.ts';
import type { Conversation, Exchange } from '../../protocols/redis/conversation.ts';
import { ReplyFramer } from '../../protocols/redis/replies.ts';
import { errorCode } from '../../protocols/redis/write.ts';
import type { SessionContext } from '../session.ts';
import type { Addresses } from './addresses.ts';
import type { Verdict } from './command.ts';

/** What the client is owed for a command, in the order of the commands. */
export interface Owed {
  /** What the server owes for it; undefined where it was never sent there. */
  readonly exchange: Exchange | undefined;
  readonly counted: boolean;
  readonly since: number;
  injected: boolean;
  /**
   * `reply` in place of the server's, or where nothing was sent, of nothing; `item` in place of its result in the answer to
   * EXEC; `close` instead of any answer.
   */
  readonly instead?:
    | { readonly do: 'reply'; readonly bytes: Buffer; readonly status: string }
    | { readonly do: 'item'; readonly bytes: Buffer }
    | { readonly do: 'close'; readonly how: Ending };
  readonly verdict?: Exclude<Verdict, { do: 'forward' }>;
  /** When the first byte of its answer came. */
  firstAt?: number;
}

/** Bytes of a reply that are looked at before it is dropped; a longer one is dropped unseen or passes. */
const MOST_COLLECTED = 64 * 1024;

/** A reply with addresses longer than this passes as it is. */
const MOST_REWRITTEN = 4 * 1024 * 1024;
const ARRAY = '*'.charCodeAt(0);

/**
 * The server's side of a connection: what it sends goes on to the client as it came, but for replies that a fault wants
 * dropped or changed, and with those that a fault made in their places.
 */
export class ReplySide {
  readonly #context: SessionContext;
  readonly #conversation: Conversation;
  readonly #addresses: Addresses;
  readonly #framer = new ReplyFramer();
  readonly #owed = new Fifo<Owed>();
  /** Results that take the place of the server's in the answer to EXEC, by their number in the transaction. */
  #items = new Map<number, Owed>();
  #queued = 0;
  /** A fault made a command of the transaction fail. */
  #aborting = false;
  /** When the last blocking command was answered: those behind it had to wait for it. */
  #unblockedAt = 0;
  #frameAt = 0;
  #collected: Buffer[] | undefined;
  #collectedBytes = 0;
  #dropping = false;
  #over = false;
  /** Nothing here can be told apart any more; all passes. */
  opaque = false;

  constructor(context: SessionContext, conversation: Conversation, addresses: Addresses) {
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
    this.#owed.push(owed);
    if (this.#owed.length === 1) this.#settle(this.#context.clock.now());
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
    for (const owed of this.#owed) this.#unanswered(owed);
    this.#discardItems('connection closed');
  }

  /** Answers from where on the chunk has not been dealt with and passes as it came. */
  #walk(chunk: Buffer): number {
    const framer = this.#framer;
    const now = this.#context.clock.now();
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      const start = at;
      const begins = !framer.under;
      const head = this.#owed.first;
      const { instead } = head ?? {};
      const steps = (this.#items.size > 0 || this.#dropping) && head?.exchange?.command.role === 'exec';
      if (begins) {
        this.#frameAt = now;
        const acts = instead !== undefined && instead.do !== 'item';
        if (acts || this.#addresses.rewrites(chunk[start]!, head?.exchange))
          from = this.#startCollecting(chunk, from, start);
      }
      at = framer.read(chunk, at, steps);
      if (framer.broken) {
        this.#giveUp();
        return from;
      }
      if (this.#collected) {
        from = at;
        this.#collect(chunk.subarray(start, at));
        if (this.#over) return chunk.length;
      } else if (steps) from = this.#step(chunk, from, at);
      if (!framer.complete) continue;
      from = this.#frameOver(chunk, from, at, head, now);
      if (this.#over) return chunk.length;
      if (this.opaque) return from;
    }
    return from;
  }

  /** A whole value has come: takes it off what is owed, and puts in what faults made of what comes next. */
  #frameOver(chunk: Buffer, from: number, at: number, head: Owed | undefined, now: number): number {
    const answer = this.#conversation.received(this.#framer, head?.exchange);
    const collected = this.#collected;
    this.#collected = undefined;
    this.#collectedBytes = 0;
    if (answer === 'push') {
      for (const piece of collected ?? []) this.#context.toClient(piece);
      return this.#next(chunk, from, at, now);
    }
    if (!head) {
      this.#giveUp();
      return from;
    }
    head.firstAt ??= this.#frameAt;
    if (collected && head.instead && head.instead.do !== 'item') {
      if (head.instead?.do === 'close') {
        this.#close(head, head.instead.how);
        return from;
      }
      if (answer === 'part') return from;
      this.#replace(head, now);
      this.#settle(now);
      return from;
    }
    if (collected) this.#context.toClient(this.#addresses.rewrite(Buffer.concat(collected)));
    if (answer === 'part') return from;
    this.#owed.shift();
    this.#answered(head);
    return this.#next(chunk, from, at, now);
  }

  /** Where what comes next is not the server's matter, hands on what was before it and answers it. */
  #next(chunk: Buffer, from: number, at: number, now: number): number {
    const next = this.#owed.first;
    if (next === undefined || next.exchange !== undefined) return from;
    this.#pass(chunk, from, at);
    this.#settle(now);
    return at;
  }

  /** Answers what is next in turn, as long as it waits for nothing from the server. */
  #settle(now: number): void {
    while (!this.#framer.under && !this.#over) {
      const head = this.#owed.first;
      if (!head || head.exchange !== undefined) return;
      head.firstAt = now;
      if (head.instead?.do === 'close') this.#close(head, head.instead.how);
      else this.#replace(head, now);
    }
  }

  #replace(head: Owed, now: number): void {
    this.#owed.shift();
    if (head.instead?.do !== 'reply') return;
    const { bytes, status } = head.instead;
    this.#context.toClient(bytes);
    head.verdict?.injected();
    head.injected = true;
    if (head.exchange?.queued) this.#aborting = true;
    else if (head.exchange?.command.role === 'discard') this.#transactionOver();
    this.#count(head, status, now);
  }

  #close(head: Owed, how: Ending): void {
    this.#owed.shift();
    head.verdict?.injected();
    if (head.counted) this.#context.meter.answered('error', true);
    this.#over = true;
    this.#context.close(how);
  }

  #answered(head: Owed): void {
    const framer = this.#framer;
    const { isError } = framer;
    const { exchange } = head;
    if (exchange?.queued) this.#queuedAnswered(head, isError);
    else if (exchange?.command.role === 'exec' || exchange?.command.role === 'discard') {
      // That the server aborts it is the doing of the fault that made one of its commands fail.
      if (this.#aborting) head.injected = true;
      this.#transactionOver();
    }
    if (exchange) this.#addresses.passed(exchange, isError ? framer.text : undefined);
    if (exchange?.blocking) this.#unblockedAt = head.firstAt ?? 0;
    if (head.counted) this.#count(head, isError ? errorCode(framer.text) : 'ok', head.firstAt ?? 0);
  }

  #queuedAnswered(head: Owed, isError: boolean): void {
    if (isError) head.verdict?.skipped('not queued');
    else {
      if (head.instead?.do === 'item') this.#items.set(this.#queued, head);
      this.#queued++;
    }
  }

  #count({ counted, exchange, since, injected }: Owed, status: string, firstAt: number): void {
    if (!counted) return;
    const from = Math.max(since, this.#unblockedAt);
    const us = exchange?.blocking ? undefined : Math.max(0, firstAt - from) * 1000;
    this.#context.meter.answered(status, injected, us);
  }

  #startCollecting(chunk: Buffer, from: number, start: number): number {
    this.#pass(chunk, from, start);
    this.#collected = [];
    return start;
  }

  #collect(piece: Buffer): void {
    this.#collected!.push(piece);
    this.#collectedBytes += piece.length;
    if (this.#collectedBytes > MOST_REWRITTEN) this.#passCollected();
    if (this.#collectedBytes <= MOST_COLLECTED || this.#framer.complete || this.#framer.isPush) return;
    const head = this.#owed.first!;
    if (head.instead?.do === 'close') this.#close(head, head.instead.how);
    else if (head.instead?.do === 'reply') this.#collected = [];
  }

  /** Moves past one boundary of the answer to EXEC, putting other results in the place of the server's. */
  #step(chunk: Buffer, from: number, at: number): number {
    const framer = this.#framer;
    if (this.#dropping) from = at;
    if (!framer.atBoundary) return from;
    this.#dropping = false;
    const owed = framer.complete || framer.type !== ARRAY ? undefined : this.#items.get(framer.items);
    if (owed?.instead?.do !== 'item') return from;
    this.#pass(chunk, from, at);
    this.#context.toClient(owed.instead.bytes);
    owed.verdict?.injected();
    this.#items.delete(framer.items);
    this.#dropping = true;
    return at;
  }

  #transactionOver(): void {
    this.#discardItems('transaction discarded');
    this.#queued = 0;
    this.#aborting = false;
  }

  #discardItems(reason: string): void {
    for (const owed of this.#items.values()) owed.verdict?.skipped(reason);
    this.#items.clear();
  }

  #unanswered({ counted, injected, verdict }: Owed): void {
    verdict?.skipped('connection closed');
    if (counted) this.#context.meter.answered('error', injected);
  }

  #pass(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#context.toClient(chunk.subarray(from, to));
  }

  #passCollected(): void {
    for (const piece of this.#collected ?? []) this.#context.toClient(piece);
    this.#collected = undefined;
    this.#collectedBytes = 0;
  }

  #giveUp(): void {
    this.opaque = true;
    this.#passCollected();
    for (const owed of this.#owed) this.#unanswered(owed);
    while (this.#owed.length > 0) this.#owed.shift();
    this.#discardItems('not readable');
  }
}

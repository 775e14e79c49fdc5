import { ENCRYPTED } from '../../core/encrypted.ts';
import { Fifo } from '../../faults/fifo.ts';
import type { Conversation } from '../../protocols/redis/conversation.ts';
import { RequestFramer } from '../../protocols/redis/requests.ts';
import { isHandshake } from '../../protocols/redis/unit.ts';
import { TLS_RECORD } from '../../protocols/tls.ts';
import type { ConnectionWatch } from '../clients/connection-watch.ts';
import type { SessionContext } from '../session.ts';
import { carryOut } from './carry-out.ts';
import { FORWARD, JudgedCommand } from './command.ts';
import { digestOf } from './digest.ts';
import { Judgement } from './judgement.ts';
import type { Owed } from './owed.ts';
import type { ReplySide } from './replies.ts';

/** Of a command that comes in pieces so much is awaited before it is judged by what is known. */
const MOST_AWAITED = 16 * 1024;
/** While more than this waits for its turn, the client is not read. */
const MOST_WAITING = 256 * 1024;

/**
 * The client's side of a connection. Without faults a chunk goes on as it came, and is walked to know what is owed for it.
 * With faults each command is judged when it is here, and carried out when all before it are:
 *
 *     client ──▶ walk ──▶ judge ──▶ [held: waits for its turn] ──▶ carry out ──▶ server
 *                                                                      └──▶ owed to the client, in order
 */
export class RequestSide {
  readonly #context: SessionContext;
  readonly #conversation: Conversation;
  readonly #replies: ReplySide;
  readonly #watch: ConnectionWatch;
  readonly #framer = new RequestFramer();
  readonly #judgement: Judgement;
  readonly #waiting = new Fifo<JudgedCommand>();
  #waitingBytes = 0;
  /** What becomes of the rest of a command of which some was dealt with already. */
  #rest: 'await' | 'pass' | 'drop' | 'wait' = 'pass';
  /** The command whose rest is still to come. */
  #current: JudgedCommand | undefined;
  #awaited: Buffer[] = [];
  #awaitedBytes = 0;
  #paused = false;
  #ended = false;
  #killed = false;
  /** Not to be told apart any more; all passes. */
  opaque = false;
  /** Why that is, or would be. */
  #why = 'not readable';
  #fresh = true;

  constructor(
    context: SessionContext,
    conversation: Conversation,
    replies: ReplySide,
    watch: ConnectionWatch,
  ) {
    this.#watch = watch;
    this.#context = context;
    this.#conversation = conversation;
    this.#replies = replies;
    this.#judgement = new Judgement(context, () => this.#drain());
  }

  push(chunk: Buffer): void {
    if (this.#killed) return;
    if (this.#fresh && chunk[0] === TLS_RECORD) this.#why = ENCRYPTED;
    this.#fresh = false;
    if (this.opaque || this.#replies.opaque) this.#passRaw(chunk);
    else if (this.#context.faults().length === 0 && this.#isIdle) this.#walk(chunk);
    else this.#judge(chunk);
  }

  end(): void {
    this.#ended = true;
    this.#endIfEmpty();
  }

  closed(): void {
    for (const judged of this.#waiting) {
      judged.abandon?.();
      if (judged.verdict && judged.verdict.do !== 'forward') judged.verdict.skipped('connection closed');
      if (!judged.counted) continue;
      this.#context.meter.unit();
      this.#context.meter.answered('error', judged.injected);
    }
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && (this.#rest === 'pass' || !this.#framer.under);
  }

  #walk(chunk: Buffer): void {
    const framer = this.#framer;
    const since = this.#context.clock.now();
    this.#rest = 'pass';
    for (let at = 0; at < chunk.length; ) {
      at = framer.read(chunk, at);
      if (framer.complete) this.#watched(since);
      if (framer.broken || this.#conversation.transparent) {
        this.#giveUp();
        break;
      }
    }
    this.#context.toServer(chunk);
  }

  /** A command that faults have nothing to do with was sent. */
  #watched(since: number): void {
    const framer = this.#framer;
    const carriedOut = this.#current !== undefined;
    this.#current = undefined;
    if (carriedOut || framer.argc === 0) return;
    if (framer.command.ordinary && this.#conversation.answersAtOnce) {
      const owed = this.#replies.oweOrdinary(since);
      if (owed && this.#watch.free) this.#watch.begin(owed, digestOf(framer));
      return;
    }
    const exchange = this.#conversation.sent(framer);
    if (exchange.left === 0) return;
    this.#replies.owe({ exchange, counted: !isHandshake(framer), since, injected: false });
  }

  #judge(chunk: Buffer): void {
    const framer = this.#framer;
    const since = this.#context.clock.now();
    /** From here on the chunk goes on as it came. */
    let from = 0;
    for (let at = 0; at < chunk.length && !this.#killed; ) {
      const start = at;
      if (!framer.under) this.#rest = 'await';
      at = framer.read(chunk, at);
      if (framer.broken) {
        this.#send(chunk, from, start);
        this.#giveUp();
        this.#passRaw(chunk.subarray(start));
        return;
      }
      const whole = framer.complete;
      switch (this.#rest) {
        case 'pass':
          if (whole) this.#watched(since);
          break;
        case 'drop':
          from = at;
          break;
        case 'wait':
          this.#send(chunk, from, start);
          this.#wait(this.#current!, chunk.subarray(start, at));
          from = at;
          break;
        case 'await':
          if (whole && this.#awaitedBytes === 0 && this.#waiting.length === 0) {
            if (this.#judgeAtOnce(chunk, from, start, at, since)) break;
          } else {
            this.#send(chunk, from, start);
            this.#await(chunk.subarray(start, at), whole, since);
          }
          from = at;
      }
      if (whole) this.#current = undefined;
      if (this.opaque) {
        this.#passRaw(chunk.subarray(from));
        return;
      }
    }
    if (!this.#killed) this.#send(chunk, from, chunk.length);
  }

  #begin(judged: JudgedCommand): void {
    const { given } = judged;
    if (given.command.ordinary && this.#watch.free) this.#watch.begin(judged, digestOf(given));
    this.#judgement.begin(judged);
  }

  /** Judges a command that is here whole; answers whether its bytes go on with those around them. */
  #judgeAtOnce(chunk: Buffer, from: number, start: number, end: number, since: number): boolean {
    if (this.#framer.argc === 0) return true;
    if (this.#judgement.leavesAlone(this.#framer)) {
      this.#watched(since);
      return true;
    }
    const judged = new JudgedCommand(this.#framer, since, this.#conversation.version);
    this.#begin(judged);
    if (judged.verdict === FORWARD || judged.verdict?.do === 'forward') {
      const { owed } = carryOut(judged, this.#conversation);
      this.#owe(judged, owed);
      if (this.#conversation.transparent) this.#giveUp();
      return true;
    }
    this.#send(chunk, from, start);
    judged.pieces = [chunk.subarray(start, end)];
    if (judged.verdict) this.#carryOut(judged);
    else this.#enqueue(judged);
    return false;
  }

  /** Gathers a command that comes in pieces, or behind one that waits. */
  #await(piece: Buffer, whole: boolean, since: number): void {
    this.#awaited.push(piece);
    this.#awaitedBytes += piece.length;
    if (!whole && this.#awaitedBytes < MOST_AWAITED) return;
    const judged = new JudgedCommand(this.#framer, since, this.#conversation.version);
    judged.pieces = this.#awaited;
    this.#awaited = [];
    this.#awaitedBytes = 0;
    if (this.#framer.argc === 0) {
      judged.verdict = FORWARD;
      judged.empty = true;
    } else this.#begin(judged);
    this.#current = judged;
    this.#rest = 'wait';
    this.#enqueue(judged);
    this.#drain();
  }

  #enqueue(judged: JudgedCommand): void {
    judged.keep();
    this.#waiting.push(judged);
    for (const piece of judged.pieces) this.#waitingBytes += piece.length;
    this.#pauseOrResume();
  }

  #wait(judged: JudgedCommand, piece: Buffer): void {
    judged.pieces.push(piece);
    this.#waitingBytes += piece.length;
    this.#pauseOrResume();
  }

  /** Carries out what is next in turn, as far as it was judged. */
  #drain(): void {
    while (!this.#killed && !this.opaque && this.#waiting.first?.verdict) {
      const judged = this.#waiting.shift()!;
      for (const piece of judged.pieces) this.#waitingBytes -= piece.length;
      this.#carryOut(judged);
    }
    this.#pauseOrResume();
    this.#endIfEmpty();
  }

  #carryOut(judged: JudgedCommand): void {
    const { toServer } = this.#context;
    const { send, owed } = judged.empty
      ? ({ send: 'itself', owed: undefined } as const)
      : carryOut(judged, this.#conversation);
    if (send === 'itself') for (const piece of judged.pieces) toServer(piece);
    else if (send !== 'nothing') toServer(send);
    if (judged === this.#current) this.#rest = send === 'itself' ? 'pass' : 'drop';
    if (owed?.instead?.do === 'close' && owed.exchange === undefined) this.#kill();
    this.#owe(judged, owed);
    if (this.#conversation.transparent) this.#giveUp();
  }

  #owe(judged: JudgedCommand, owed: Owed | undefined): void {
    this.#watch.handOver(judged, owed ?? judged);
    if (owed) this.#replies.owe(owed);
    else this.#watch.over(judged, false);
  }

  /** Nothing after a command that kills the connection is sent. */
  #kill(): void {
    this.#killed = true;
    this.#context.pause('client', true);
  }

  /** What comes cannot be told apart any more: all that waits goes on, in order. */
  #giveUp(): void {
    this.opaque = true;
    this.#watch.noAnswer();
    const { toServer } = this.#context;
    for (;;) {
      const judged = this.#waiting.shift();
      if (!judged) break;
      judged.abandon?.();
      if (judged.verdict && judged.verdict.do !== 'forward') judged.verdict.skipped(this.#why);
      for (const piece of judged.pieces) toServer(piece);
    }
    for (const piece of this.#awaited) toServer(piece);
    this.#awaited = [];
    this.#waitingBytes = 0;
    this.#judgement.skipAll(this.#why);
    this.#pauseOrResume();
  }

  /** Faults came or went. */
  faultsChanged(): void {
    if (this.opaque || this.#replies.opaque) this.#judgement.skipAll(this.#why);
  }

  #passRaw(chunk: Buffer): void {
    if (!this.opaque) this.#giveUp();
    if (chunk.length > 0) this.#context.toServer(chunk);
  }

  #send(chunk: Buffer, from: number, to: number): void {
    if (to > from)
      this.#context.toServer(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
  }

  #pauseOrResume(): void {
    const full = this.#waitingBytes > MOST_WAITING;
    if (full === this.#paused || this.#killed) return;
    this.#paused = full;
    this.#context.pause('client', full);
  }

  #endIfEmpty(): void {
    if (!this.#ended || this.#waiting.length > 0 || this.#killed) return;
    this.#ended = false;
    for (const piece of this.#awaited) this.#context.toServer(piece);
    this.#context.toServerEnd();
  }
}

import type { Ending } from '../faults/contract.ts';
import { flushTogether } from './flush.ts';
import type { Side } from './link-end.ts';
import { isPlainSocket, type Reads, readsOf, type Taker } from './reads.ts';
import type { Receiver, Stage } from './stage.ts';
import { inTurns } from './turns.ts';

export interface PumpOptions {
  readonly source: Side;
  readonly sink: Side;
  /** Takes what is read in place of the stages, and hands it on by `enter`. */
  readonly head?: Receiver;
  /** Takes what the stages let through in place of the sink, and hands it on by `leave`. */
  readonly tail?: Receiver;
  readonly delivered: (bytes: number) => void;
  /** The stream is over: its end was handed on, or nobody is left to take it. */
  readonly done: () => void;
  /** The stream was cut, and all that came before the cut was handed to the sink. */
  readonly cut: (how: Ending) => void;
  /** More or less than before waits to be handed on. */
  readonly moved?: () => void;
}

/** Why the source is not read, as bits of a set. */
const SINK_FULL = 1;
const STAGE_FULL = 2;
const FROZEN = 4;
const HELD = 8;
const UNREAD = 16;

/**
 * What may wait for the sink while stages go on being filled: what a stage lets go at once is large, and a source that
 * stood still until all of it had left would lose the time of the delay with each portion.
 */
const BEHIND_STAGES = 4 * 2 ** 20;

const NOTHING = Buffer.alloc(0);

/**
 * Moves one direction of a connection:
 *
 *     source ──▶ (head) ──▶ [stage ─▶ stage …] ──▶ (tail) ──▶ sink
 *
 * Without stages a chunk goes from one socket to the other as it came. Stages can change at any moment: what a leaving
 * one holds goes on into those after it before anything newer does, so order is kept.
 */
export class Pump implements Taker {
  readonly #options: PumpOptions;
  /** Into the stages, and out to the sink. */
  readonly enter: Receiver;
  readonly leave: Receiver;
  readonly #outlet: Receiver;
  readonly #read: (chunk: Buffer) => void;
  readonly #readEnd = () => this.#sourceEnded();
  readonly #drained = () => this.#sinkDrained();
  /** Nobody in this process keeps what is written to the sink. */
  readonly #sinkCopies: boolean;
  #reads: Reads | undefined;
  /** What is read is being taken: whether to go on is told by the answer. */
  #taking = false;
  #first: Receiver;
  #stages: readonly Stage[] = [];
  #blocked = 0;
  #started = false;
  #cut: Ending | undefined;
  #done = false;

  constructor(options: PumpOptions) {
    const { head, tail } = options;
    this.#options = options;
    this.enter = { push: (chunk) => this.#first.push(chunk), end: () => this.#first.end() };
    this.leave = { push: (chunk) => this.#deliver(chunk), end: () => this.#deliverEnd() };
    this.#read = head ? (chunk) => head.push(chunk) : this.enter.push;
    this.#outlet = tail ?? this.leave;
    this.#first = this.#outlet;
    this.#sinkCopies = !head && !tail && isPlainSocket(options.sink);
  }

  /** Something between source and sink may hold what passes, and let go of it later. */
  get #letsGo(): boolean {
    return this.#stages.length > 0 || this.#options.head !== undefined || this.#options.tail !== undefined;
  }

  get done(): boolean {
    return this.#done;
  }

  get stages(): readonly Stage[] {
    return this.#stages;
  }

  start(): void {
    const { source, sink } = this.#options;
    this.#started = true;
    source.pause();
    this.#reads = readsOf(source);
    if (this.#reads) this.#reads.begin(this);
    else source.on('data', this.#read);
    source.once('end', this.#readEnd);
    sink.on('drain', this.#drained);
    if (this.#blocked === 0) source.resume();
  }

  get lends(): boolean {
    return this.#sinkCopies && this.#stages.length === 0;
  }

  get pending(): boolean {
    return this.#options.sink.writableLength > 0;
  }

  take(chunk: Buffer): boolean {
    this.#taking = true;
    this.#read(chunk);
    this.#taking = false;
    return this.#blocked === 0;
  }

  /**
   * Puts other stages in place. Those that stay keep their order among themselves. Answers whether one that left had
   * lost bytes, so that the connection cannot go on.
   */
  setStages(stages: readonly Stage[]): boolean {
    const leaving = this.#stages.filter((stage) => !stages.includes(stage));
    const spoiled = leaving.filter((stage) => stage.release());
    if (this.#done) return false;
    this.#stages = stages;
    this.#first = stages[0] ?? this.#outlet;
    stages.forEach((stage, index) => {
      stage.next = stages[index + 1] ?? this.#outlet;
    });
    this.stagesMoved();
    return spoiled.length > 0;
  }

  /** Stops or allows reading by whether a stage is full. */
  stagesMoved(): void {
    if (this.#stages.some((stage) => stage.full)) this.#block(STAGE_FULL);
    else this.#unblock(STAGE_FULL);
    this.#options.moved?.();
  }

  /** Stops or goes on reading on behalf of what stands at the head or the tail. */
  hold(held: boolean): void {
    if (held) this.#block(HELD);
    else this.#unblock(HELD);
  }

  /** Stops or goes on reading because what answers the source is not being read. */
  waitForReader(waiting: boolean): void {
    if (waiting) this.#block(UNREAD);
    else this.#unblock(UNREAD);
  }

  /** Bytes that wait to be taken by the sink. */
  get backlog(): number {
    return this.#stages.reduce((sum, stage) => sum + stage.held, this.#options.sink.writableLength);
  }

  freeze(frozen: boolean): void {
    if (frozen) this.#block(FROZEN);
    else this.#unblock(FROZEN);
  }

  /** Ends the stream after `after` (or after the source): what later stages hold still goes out, then all is closed. */
  cut(how: Ending, after?: Stage): void {
    if (this.#cut || this.#done) return;
    this.#cut = how;
    this.#stopReading();
    const next = after ? after.next : this.#first;
    const passed = this.#stages.indexOf(after as Stage) + 1;
    for (const stage of this.#stages.slice(0, passed)) stage.discard();
    next.end();
  }

  /** Drops what is on its way: nobody takes it any more. */
  kill(): void {
    if (this.#done) return;
    this.#done = true;
    this.#stopReading();
    for (const stage of this.#stages) stage.discard();
    this.#options.done();
  }

  #sourceEnded(): void {
    this.#cut ??= this.#options.source.closing;
    (this.#options.head ?? this.#first).end();
  }

  #deliver(chunk: Buffer): void {
    const { sink, delivered } = this.#options;
    if (this.#done || sink.destroyed || sink.writableEnded) return;
    delivered(chunk.length);
    // Let go by a stage in a tick of its own: perhaps with more behind it, and on many connections at once.
    if (!this.#taking && this.#letsGo) flushTogether(sink);
    const more = this.#write(chunk);
    const room = this.#stages.length > 0 ? BEHIND_STAGES : 0;
    if (sink.writableLength <= room || this.#blocked & SINK_FULL) return;
    this.#block(SINK_FULL);
    // A stream that says it has room for more says nothing when it is empty.
    if (more) sink.write(NOTHING, this.#drained);
  }

  #write(chunk: Buffer): boolean {
    const { sink } = this.#options;
    const reads = this.#reads;
    // A session may look at bytes again that it has handed on, and a sink that is no socket may keep them.
    if (!this.#sinkCopies || !reads?.gave(chunk)) return sink.write(chunk);
    return sink.write(chunk, () => reads.passed(chunk));
  }

  #sinkDrained(): void {
    if (this.#options.sink.writableLength === 0) this.#reads?.returned();
    this.#unblock(SINK_FULL);
    this.#options.moved?.();
  }

  #deliverEnd(): void {
    if (this.#done) return;
    this.#done = true;
    this.#stopReading();
    if (this.#cut) {
      this.#options.cut(this.#cut);
      return;
    }
    inTurns(() => {
      this.#options.sink.end();
      this.#options.done();
    });
  }

  #stopReading(): void {
    const { source, sink } = this.#options;
    if (this.#reads) this.#reads.end();
    else source.off('data', this.#read);
    source.off('end', this.#readEnd);
    sink.off('drain', this.#drained);
    if (this.#started && !source.readableEnded) source.pause();
  }

  #block(reason: number): void {
    if (this.#blocked === 0 && this.#started && !(this.#reads && this.#taking)) this.#options.source.pause();
    this.#blocked |= reason;
  }

  #unblock(reason: number): void {
    if (this.#blocked === 0) return;
    this.#blocked &= ~reason;
    if (this.#blocked === 0 && this.#started && !this.#done && !this.#cut) this.#options.source.resume();
  }
}

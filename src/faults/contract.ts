import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Attributes, Match, Stream } from '../core/fault.ts';
import type { Protocol } from '../core/protocol.ts';

export type MatchKey = Exclude<keyof Match, 'first' | 'after' | 'every'>;

/** How a connection is ended: FIN after what is on its way, RST, or (HTTP only) a transfer that ends well. */
export type Ending = 'fin' | 'rst';

interface FaultBase<A extends Attributes> {
  /** As files and toxics name it. */
  readonly type: string;
  readonly protocols: readonly Protocol[];
  /** Streams it can be put on; the first is the default. */
  readonly streams: readonly Stream[];
  /** Whether Toxiproxy's routes may add it. `down` may not: there it is `enabled: false`. */
  readonly manual: boolean;
  /** What `match` may name, beside `first after every`. */
  readonly matchKeys: readonly MatchKey[];
  /** Reads attributes from a file or a request: every field has a default, a unit and a description in its meta. */
  readonly attributes: z.ZodType<A>;
  /** One line for tables of faults. */
  readonly summary: string;
  /** What taking it back does to what it touched, for tables and reports. */
  readonly undo: string;
  /** Whether it may end connections, which no rollback undoes. */
  readonly endsConnections: boolean;
  /** Whether with these values it ends none after all. */
  endsNone?(attributes: A): boolean;
  /**
   * What it did to so many units that no rollback undoes, in a sentence without a full stop that names `by`, the fault and its
   * place; undefined where nothing is left. Without it, what it ended is told if it ends connections.
   */
  lasting?(attributes: A, times: number, by: string): string | undefined;
  /** Which of these values a proxy of this protocol cannot carry out, and what to write instead; undefined where it can all. */
  refuses?(
    attributes: A,
    protocol: Protocol,
  ): { readonly attribute: string; readonly expected: string } | undefined;
  /** Longest delay it can add to one unit, ms (Infinity: holds until taken back); what `reach.addedLatency` bounds. */
  addedLatency(attributes: A): number;
  /** The fault in a sentence without a full stop: "delay each chunk by 250 ms ± 50 ms". */
  explain(attributes: A): string;
}

/** What every behaviour gets. `attributes` and `random` belong to one unit. */
export interface FaultContext<A extends Attributes> {
  readonly clock: Clock;
  /** Current values; a renewal may change them. */
  readonly attributes: A;
  /** Next number in [0, 1) of the unit's own seeded sequence. */
  random(): number;
  /** State shared by all units of this fault on this proxy, made once. */
  shared<T>(key: string, make: () => T): T;
}

// --- listener -------------------------------------------------------------------------------------------------------

/** A live connection, as a listener fault sees it. */
export interface LiveConnection {
  readonly id: number;
  /** Closes both sides now; counted as one injection. */
  close(how: Ending): void;
  /** Stops reading both ways until the answer is called; nothing is lost. */
  freeze(): () => void;
}

/**
 * What becomes of a new connection. `deny`: let in only to be told by its protocol that the server is full, and closed. `hold`: accepted, upstream
 * not dialled, nothing read, until `until` calls back.
 */
export type Admission =
  | { readonly do: 'pass' }
  | { readonly do: 'close'; readonly how: Ending }
  | { readonly do: 'deny' }
  | { readonly do: 'hold'; readonly until: (go: () => void) => void };

export interface ListenerBehaviour {
  /** Wants the port closed, so that a connect is refused. */
  readonly portClosed?: boolean;
  /** A connection that the fault has taken. */
  admit?(connection: LiveConnection): Admission;
  /** Connections that the fault has taken of those live when it came into force. */
  engage?(live: readonly LiveConnection[]): void;
  /** A connection that the fault had taken is closed, or no longer the fault's because its toxicity fell. */
  left?(connection: LiveConnection): void;
  /** The attributes changed. */
  updated?(): void;
  /** Lets go of everything at once: held connections go on, frozen ones thaw. */
  release(): void;
}

export interface ListenerContext<A extends Attributes> extends FaultContext<A> {
  /** All live connections of the proxy that the fault has taken. */
  live(): readonly LiveConnection[];
  /** It leaves some connections alone now: it has a `match`, or a toxicity below 1. */
  readonly selective: boolean;
}

export interface ListenerFault<A extends Attributes = Attributes> extends FaultBase<A> {
  readonly layer: 'listener';
  /** One per proxy. */
  create(context: ListenerContext<A>): ListenerBehaviour;
}

// --- bytes ----------------------------------------------------------------------------------------------------------

export interface BytesContext<A extends Attributes> extends FaultContext<A> {
  /** The connection was there before the fault. */
  readonly opened: 'before' | 'after';
  /** Hands bytes on, in order. They are the behaviour's no longer: their memory may be used again once they are sent. */
  emit(chunk: Buffer): void;
  /** Hands the end of the stream on. */
  emitEnd(): void;
  /** Closes the whole connection, after flushing what was emitted (`fin`), or with what could be flushed at once (`rst`). */
  close(how: Ending): void;
  /** Marks the connection as injected; called when the fault really acts, however often. */
  injected(): void;
}

/** One per connection and stream. Single-threaded; may call its context at any time until `release`. */
export interface BytesBehaviour {
  push(chunk: Buffer): void;
  end(): void;
  /** Bytes held now. */
  readonly held: number;
  /** Reading pauses while `held` is above this. */
  readonly capacity: number;
  updated?(): void;
  /** Synchronously emits all that is held (and a held end), in order; called once, nothing is pushed after it. */
  release(): void;
  /** It dropped or changed bytes, so the connection must close when the fault is taken back. */
  readonly spoiled?: boolean;
}

export interface BytesFault<A extends Attributes = Attributes> extends FaultBase<A> {
  readonly layer: 'bytes';
  create(context: BytesContext<A>): BytesBehaviour;
}

// --- http -----------------------------------------------------------------------------------------------------------

/** A request, as faults may see it. Bodies are read only where a fault matches on `model` or answers by provider. */
export interface RequestView {
  readonly protocol: Protocol;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly model: string | undefined;
  /** The client asked for an answer piece by piece. */
  readonly streaming: boolean;
  /** Such a stream is one JSON array, not one of events. */
  readonly array: boolean;
  /** Such a stream is to tell its usage at the end. */
  readonly usage: boolean;
  /** Length of its body, not compressed; 0 where it is not told, and not read. */
  readonly bodyBytes: number;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A stream of events: `text/event-stream`, or the elements of a JSON array that was asked for as a stream. */
  readonly events: boolean;
}

export type RequestAct =
  | { readonly do: 'forward' }
  | {
      readonly do: 'reply';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | Buffer;
    }
  | { readonly do: 'abort'; readonly how: Ending };

/**
 * `keep` sends the head with the first of the body that passes, at the body's end, or when the fault is taken back. `set`
 * puts headers in place of the upstream's own of the same name (lower case).
 */
export type HeadAct =
  | Exclude<RequestAct, { readonly do: 'forward' }>
  | { readonly do: 'forward'; readonly set?: Readonly<Record<string, string>> }
  | { readonly do: 'keep' };

/**
 * `keep` judges the piece as passed and holds it back until a later one passes, the body ends, or the fault is taken back.
 * `split` passes the first `at` bytes of the piece, and asks again with the rest once they are on their way. `clean` ends
 * the transfer as if it were whole, where `resizes` says that it may.
 */
export type BodyAct =
  | { readonly do: 'pass' }
  | { readonly do: 'keep' }
  | { readonly do: 'replace'; readonly with: Buffer }
  | { readonly do: 'split'; readonly at: number }
  | { readonly do: 'cut'; readonly how: Ending | 'clean'; readonly before?: Buffer };

export interface HttpContext<A extends Attributes> extends FaultContext<A> {
  readonly request: RequestView;
  /** Holds the unit for `ms` (Infinity: until taken back). Resolves early when the fault is taken back or the client goes. */
  hold(ms: number): Promise<void>;
  /** Marks the unit as injected; called when the fault really acts. */
  injected(): void;
  /** The fault cannot act on this unit, and why, in a word or three: `not a stream`. */
  skipped(reason: string): void;
}

/** One per request that the fault has taken. Every hook is optional; all that came before a cut is flushed first. */
export interface HttpBehaviour {
  /** It may make the body longer or shorter, so that its length is not told beforehand. True of all that read `event` or `whole`. */
  readonly resizes?: boolean;
  /** Before anything is sent upstream. */
  request?(): RequestAct | Promise<RequestAct>;
  /** The upstream's head is known and not yet sent on. */
  head?(head: ResponseHead): HeadAct | Promise<HeadAct>;
  /**
   * Each chunk of a body; `offset` counts the body's bytes before it. Of an event stream only if there is no `event` hook,
   * or if its events are longer than a splitter can hold; of another body only if there is no `whole` hook, or if it is
   * longer than can be held.
   */
  chunk?(chunk: Buffer, offset: number): BodyAct | Promise<BodyAct>;
  /**
   * Each event of an event stream, whole with its closing blank line (of a JSON array, each element with the bracket or the
   * comma before it); `index` counts from 0. Where a behaviour has this hook, the upstream is asked for an answer that is
   * not compressed.
   */
  event?(event: Buffer, index: number): BodyAct | Promise<BodyAct>;
  /**
   * The whole body of an answer that is no event stream, in one piece. Where a behaviour has this hook, the upstream is asked
   * for an answer that is not compressed; one that is compressed all the same comes in chunks.
   */
  whole?(body: Buffer): BodyAct | Promise<BodyAct>;
  /** The body is complete. */
  end?(): BodyAct | Promise<BodyAct>;
}

export interface HttpFault<A extends Attributes = Attributes> extends FaultBase<A> {
  readonly layer: 'http';
  /** Needs the request's `model`, so that a JSON body is read (up to a cap) before the unit is judged. */
  readonly readsBody?: boolean;
  create(context: HttpContext<A>): HttpBehaviour;
}

// --- message --------------------------------------------------------------------------------------------------------

/**
 * What becomes of a statement or a command. `reply` answers it in the server's place, in a form that only its protocol
 * knows, and so that client and server stay in step. `kill` closes both sides once all earlier units are answered. `lose`
 * forwards it, and when the server has answered drops the answer and closes: done, and never acknowledged.
 */
export type MessageAct<Reply> =
  | {
      readonly do: 'forward' /** Counted as skipped for this reason, in a word or three. */;
      readonly reason?: string;
    }
  | { readonly do: 'hold' /** Then forwards it. Infinity: until taken back. */; readonly ms: number }
  | { readonly do: 'reply'; readonly with: Reply }
  | { readonly do: 'kill'; readonly how: Ending }
  | { readonly do: 'lose'; readonly how: Ending };

export interface MessageContext<A extends Attributes, Unit> extends FaultContext<A> {
  /** What the fault is judged on, as its protocol shows it. */
  readonly unit: Unit;
  /** Whether a part of the unit, such as one of several keys, passes what `match` asks under this key. */
  matches(key: MatchKey, text: string): boolean;
}

/** `Unit` and `Reply` are those of its protocol. Acts are counted as injected when they really take place. */
export interface MessageFault<A extends Attributes = Attributes, Unit = unknown, Reply = unknown>
  extends FaultBase<A> {
  readonly layer: 'message';
  /** What its units are called: `statements`, `commands`. */
  readonly units: string;
  /** Whether it judges units such as this one; others are not numbered. Handshakes reach only those that ask for them. */
  judges(unit: Unit, attributes: A): boolean;
  /** Called once for each unit that the fault has taken. */
  judge(context: MessageContext<A, Unit>): MessageAct<Reply>;
}

// --- all ------------------------------------------------------------------------------------------------------------

// biome-ignore-start lint/suspicious/noExplicitAny: a registry holds faults of every attribute type; each checks its own.
export type AnyFault = ListenerFault<any> | BytesFault<any> | HttpFault<any> | MessageFault<any, any, any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

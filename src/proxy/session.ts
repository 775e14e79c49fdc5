import type { Clock } from '../core/clock.ts';
import type { Protocol, ProxyDeclaration } from '../core/protocol.ts';
import type { Ending } from '../faults/contract.ts';
import type { ClientWatch } from './clients/watch.ts';
import type { ActiveFault, ProxyMeter } from './contract.ts';
import { createPostgresSession } from './postgres/session.ts';
import { inquireRedis } from './redis/inquire.ts';
import { createRedisSession } from './redis/session.ts';

/**
 * What a link gives the session of one connection. What is sent is sent in order, without a copy:
 *
 *     client ──▶ [bytes faults] ──▶ session.client ──toServer──▶ upstream
 *            ◀── [bytes faults] ◀──toClient── session.server ◀──
 */
export interface SessionContext {
  readonly clock: Clock;
  /** The client's address, for `match`. */
  readonly client: string;
  /**
   * `unit()` where a statement or a command begins, `answered(status, injected, us)` where its answer is complete: status
   * `ok` or the protocol's own code, `us` from its arrival to the first byte of its answer. Handshakes are no units. Units
   * that never get an answer are `error`. `hold()` while a fault holds one; `judgeUnit` does that.
   */
  readonly meter: ProxyMeter;
  /** Where it is to be seen how clients take their answers. */
  readonly clients?: ClientWatch;
  /** Message faults in force on the proxy now, in order. The same array as long as none came or went. */
  faults(): readonly ActiveFault[];
  toServer(chunk: Buffer): void;
  toServerEnd(): void;
  toClient(chunk: Buffer): void;
  toClientEnd(): void;
  /** Closes both sides after all that was sent to them has left. Nothing is read, and nothing more is sent. */
  close(how: Ending): void;
  /** Stops or goes on reading a side. What was read before still arrives. */
  pause(side: 'client' | 'server', paused: boolean): void;
  /** A fault acted on this connection. */
  injected(): void;
  /** A listener fault let the connection in only to have it told that the server is full, and closed. */
  denial?(): Denial | undefined;
  /** State shared by all sessions of the proxy, made once. */
  shared<T>(key: string, make: () => T): T;
}

/** A connection for which there is no place. */
export interface Denial {
  /** It has been told so. */
  injected(): void;
  /** It cannot be told so, and why; it goes on. */
  skipped(reason: string): void;
}

/**
 * One connection of a protocol, from the moment both sides are connected until both are closed. While no message fault is
 * in force it only watches: it walks the frames, keeps what later judgements need, and hands each chunk on as it came, in
 * the same tick. Faults enter and leave at a boundary of frames: a frame of which some has been handed on passes whole.
 * What cannot be read (TLS, other protocols, malformed frames) is handed on to the end, and message faults are counted as
 * skipped. It must not throw; where it does, its connection is closed.
 */
export interface ProtocolSession {
  /** Bytes may be sent both ways; before any comes. */
  opened?(): void;
  /** Bytes from the client, and the end of them. A chunk may be kept. */
  client(chunk: Buffer): void;
  clientEnd(): void;
  /** Bytes from the server, and the end of them. */
  server(chunk: Buffer): void;
  serverEnd(): void;
  /** The client's connection is closed, and nothing that a fault did. */
  clientGone?(): void;
  /** Faults came or went, or their values changed. What a fault held has been told by its `released` signal. */
  faultsChanged(): void;
  /** Both sides are closed: units without an answer are counted, timers and holds end. Called once. */
  closed(): void;
}

/** The proxy that a session belongs to. */
export interface SessionHome {
  readonly declaration: ProxyDeclaration;
  /** One line for whoever runs the proxy; no content of a connection. */
  log(line: string): void;
}

export type CreateSession = (context: SessionContext, home: SessionHome) => ProtocolSession;

/**
 * Finds out what there is to know of an upstream before clients come, and says it in the log; the answer ends it. It is
 * called once its proxy listens, and waits for nobody.
 */
export type Inquire = (home: SessionHome, clock: Clock) => () => void;

const INQUIRIES: Partial<Record<Protocol, Inquire>> = { redis: inquireRedis };

/** Protocols whose units are smaller than a connection and are seen on the wire. Adding one is its folder and one line. */
const SESSIONS: Partial<Record<Protocol, CreateSession>> = {
  postgres: createPostgresSession,
  redis: createRedisSession,
};

export function sessionOf(protocol: Protocol): CreateSession | undefined {
  return SESSIONS[protocol];
}

export function inquiryOf(protocol: Protocol): Inquire | undefined {
  return INQUIRIES[protocol];
}

import type { Side } from '../link-end.ts';

/**
 * Puts a side of a link under TLS, or leaves it as it is where nobody asks for it, and answers by `done` with what is to be
 * read and written from then on. Given a side that is connected and was not read yet. What fails destroys it.
 */
export type Secure = (side: Side, done: (secured: Side) => void) => void;

/** How the two ends of a protocol come to TLS where it does not simply begin with the first byte. */
export interface Negotiation {
  /** Names that a peer may ask for by ALPN. */
  readonly alpn: readonly string[];
  /**
   * Reads what a client asks for, and answers; `offered` says whether it may have TLS. Calls back once; what the client sent
   * beyond that is in the side again.
   */
  listen(side: Side, offered: boolean, done: (asked: 'tls' | 'plain') => void): void;
  /** Asks the server. Calls back once, with the reason where the server will not. */
  ask(side: Side, done: (refusal?: string) => void): void;
}

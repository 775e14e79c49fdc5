import { expect } from 'vitest';

/** One call of a client library, in the bytes that it puts on the wire. */
interface Call {
  /** `METHOD /path` */
  readonly send: string;
  /** As the library serialises it, spaces and all. */
  readonly body?: string;
  readonly status: number;
  /** What the library reads out of the answer. */
  readonly reads?: unknown;
}

/** What a client library of Toxiproxy sends in a session, as its source has it or as it was seen on the wire. */
export interface Library {
  /** Header lines after `Host`, for a call with this method and body. */
  headers(method: string, body: string | undefined): readonly string[];
  /** Sends bodies in chunks, without their length. */
  readonly chunked?: (send: string) => boolean;
  readonly calls: readonly Call[];
}

export const proxy = (enabled = true, toxics: unknown = []) => ({
  name: 'redis',
  listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
  upstream: '127.0.0.1:9',
  enabled,
  toxics,
});

import { Pool } from 'undici';
import type { Transport } from '../play.ts';

/** Answers longer than this are read to their end and kept no further: checks look at short ones. */
const KEPT_BYTES = 1 << 20;

/** HTTP over at most `connections` connections that are kept open; a request that finds none free waits for one. */
export function httpTransport(target: string, connections: number): Transport {
  const { origin, pathname } = new URL(target);
  const base = pathname.replace(/\/$/, '');
  // Time-outs are the caller's signal alone: they count from the intended start, and undici's own from the sending.
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 0 },
  });
  return {
    async send({ method, path, headers, body }, _user, signal) {
      const answer = await pool.request({
        method: method as 'GET',
        path: `${base}${path}`,
        headers: {
          ...(body !== undefined && looksLikeJson(body) ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
        signal,
      });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        if (size < KEPT_BYTES) chunks.push(chunk);
        size += chunk.length;
      }
      return { status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8') };
    },
    close: () => pool.destroy(),
  };
}

function looksLikeJson(body: string): boolean {
  return /^\s*[[{]/.test(body);
}

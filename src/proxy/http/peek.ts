import type http from 'node:http';
import zlib from 'node:zlib';
import { LONGEST_PEEK } from '../../protocols/http/peek.ts';
import type { RequestBody } from './upstream.ts';

/** What the request's headers say of its body, nothing of it read. */
export function unreadBody(headers: http.IncomingHttpHeaders): RequestBody {
  const present = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return { present, read: [], complete: !present };
}

/** Reads the body up to `cap` bytes. A longer one is left where the reading stopped; so is one whose client goes away. */
export function readBody(request: http.IncomingMessage, cap: number): Promise<RequestBody> {
  return new Promise((resolve) => {
    const read: Buffer[] = [];
    let length = 0;
    const done = (complete: boolean) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (!complete) request.pause();
      resolve({ present: true, read, complete });
    };
    const onData = (chunk: Buffer) => {
      read.push(chunk);
      length += chunk.length;
      if (length > cap) done(false);
    };
    const onEnd = () => done(true);
    const onClose = () => done(false);
    request.on('data', onData).once('end', onEnd).once('close', onClose);
  });
}

const DECODERS: Readonly<Record<string, () => zlib.Gunzip>> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
};

/**
 * What was read of a body, decoded, up to the longest that is peeked at: a small body may decode to one that fills the memory.
 * Of what cannot be decoded, nothing.
 */
export async function decodedBody(body: RequestBody, coding: string): Promise<Buffer> {
  const bytes = Buffer.concat(body.read);
  const decoder = DECODERS[coding]?.();
  if (!decoder) return bytes;
  const decoded: Buffer[] = [];
  let length = 0;
  decoder.end(bytes);
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      decoded.push(chunk);
      length += chunk.length;
      if (length > LONGEST_PEEK) break;
    }
  } catch {
    // The beginning of a body ends within its coding: what came before stands.
  }
  return Buffer.concat(decoded);
}

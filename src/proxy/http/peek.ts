import type http from 'node:http';
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

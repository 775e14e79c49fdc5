import http from 'node:http';
import type { Duplex } from 'node:stream';
import { LONGEST_PEEK } from '../../protocols/http/peek.ts';
import type { DigestedRequest } from './digested-request.ts';
import type { Incoming } from './exchange.ts';
import { unreadBody } from './peek.ts';
import type { RequestBody } from './upstream.ts';

/**
 * A request to switch protocols, as node:http hands it over: parsed, but with the bare connection in place of a response
 * and of a body. HTTP/2 over cleartext (`h2c`, which some clients offer with every request) is not offered on: the upstream
 * would switch, and no fault could see a request any more.
 */
export async function incomingUpgrade(
  request: DigestedRequest,
  socket: Duplex,
  head: Buffer,
  client: string,
): Promise<Incoming | undefined> {
  socket.on('error', () => {});
  const response = new http.ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.once('finish', () => socket.end());
  if (!readableBody(request.headers)) {
    response.writeHead(501, { 'content-type': 'text/plain' });
    response.end(
      'A request that asks to switch protocols may have a short body with a length, and no other.\n',
    );
    return undefined;
  }
  const body = await bodyBehind(request, socket, head);
  const switches = !/\bh2c\b/i.test(request.headers.upgrade ?? '');
  return { request, response, client, upgrade: { socket, body, switches } };
}

function readableBody(headers: http.IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= LONGEST_PEEK;
}

/** Node reads no body of such a request: what follows its head is either that, or the new protocol. */
async function bodyBehind(request: http.IncomingMessage, socket: Duplex, head: Buffer): Promise<RequestBody> {
  const { present } = unreadBody(request.headers);
  if (!present) {
    if (head.length > 0) socket.unshift(head);
    return { present, read: [], complete: true };
  }
  const read = [head];
  let missing = Number(request.headers['content-length']) - head.length;
  while (missing > 0 && !socket.destroyed) {
    const chunk = socket.read() as Buffer | null;
    if (chunk) {
      read.push(chunk);
      missing -= chunk.length;
    } else if (!(await readable(socket))) break;
  }
  return { present, read, complete: true };
}

function readable(socket: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (more: boolean) => () => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
      resolve(more);
    };
    const onReadable = done(true);
    const onEnd = done(false);
    socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd);
  });
}

import type http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Ending } from '../../faults/contract.ts';
import type { NearEnd } from '../contract.ts';

/**
 * Ends the client's connection in the midst of an answer, after all that was written has gone out: the client sees a broken
 * transfer. An answer whose end is the end of its connection (HTTP/1.0) looks whole after a FIN, so it is reset instead.
 */
export function cut(response: http.ServerResponse, how: Ending): void {
  response.shouldKeepAlive = false;
  whenOwned(response, (socket) => {
    const endsWithConnection = response.headersSent && !response.chunkedEncoding && !hasLength(response);
    if (how === 'fin' && !endsWithConnection) (socket as NearEnd).destroySoon();
    else if (response.headersSent) afterFlush(socket, () => afterGrace(socket));
    else reset(socket);
  });
}

/**
 * How long a reset waits for the client to read what precedes it, ms. Right behind data, a reset is often taken for an end
 * (libuv reports end-of-file when a short read and a hang-up come together), and the client's system may drop the data.
 */
const RESET_GRACE = 20;

/** Resets a connection: what is not yet sent is dropped. */
export function reset(end: Duplex): void {
  (end as NearEnd).resetAndDestroy();
}

function afterFlush(socket: Duplex, then: () => void): void {
  if (socket.writableLength === 0) then();
  else socket.write('', () => then());
}

function afterGrace(socket: Duplex): void {
  // The turn after the timer lets a client in the same process read first, however late the timer is.
  setTimeout(() => setImmediate(() => !socket.destroyed && reset(socket)), RESET_GRACE);
}

/** An answer to a pipelined request has its connection only once the answers before it are through. */
function whenOwned(response: http.ServerResponse, then: (socket: Duplex) => void): void {
  if (response.socket) then(response.socket);
  else if (!response.destroyed) response.once('socket', then);
}

function hasLength(response: http.ServerResponse): boolean {
  return /\r\ncontent-length:/i.test((response as unknown as { _header?: string })._header ?? '');
}

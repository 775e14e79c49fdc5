import type http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Ending } from '../../faults/contract.ts';
import type { NearEnd } from '../contract.ts';
import { carrierOf } from './listen-tls.ts';

/**
 * Ends the client's connection in the midst of an answer, after all that was written has gone out: the client sees a broken
 * transfer. An answer whose end is the end of its connection (HTTP/1.0) looks whole after a FIN, so it is reset instead.
 */
export function cut(response: http.ServerResponse, how: Ending): void {
  response.shouldKeepAlive = false;
  whenOwned(response, (socket) => {
    const endsWithConnection = response.headersSent && !response.chunkedEncoding && !hasLength(response);
    if (how === 'fin' && !endsWithConnection) (socket as NearEnd).destroySoon();
    else afterFlush(socket, () => reset(socket));
  });
}

/** Resets a connection, behind all that was written to it. */
export function reset(end: Duplex): void {
  carrierOf(end).resetAndDestroy();
}

function afterFlush(socket: Duplex, then: () => void): void {
  if (socket.writableLength === 0) then();
  else socket.write('', () => then());
}

/** An answer to a pipelined request has its connection only once the answers before it are through. */
function whenOwned(response: http.ServerResponse, then: (socket: Duplex) => void): void {
  if (response.socket) then(response.socket);
  else if (!response.destroyed) response.once('socket', then);
}

/** The head that was sent tells the length of its body. */
export function hasLength(response: http.ServerResponse): boolean {
  return /\r\ncontent-length:/i.test((response as unknown as { _header?: string })._header ?? '');
}

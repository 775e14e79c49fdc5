import http from 'node:http';
import type { TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { dialReading, readsOf } from '../reads.ts';

/** How connections to an upstream are kept. */
export const KEPT = {
  keepAlive: true,
  maxFreeSockets: 256,
  /**
   * A connection idle for longer is not used again. Node's own servers close theirs after 5 s, the shortest time in common
   * use; a request sent into a closing connection would fail, and the client would blame the upstream.
   */
  timeout: 4000,
  noDelay: true,
};

/**
 * Kept connections in the clear, read into memory that is used again: as a stream, each read would be 64 KiB of its own.
 * node:http copies what it keeps of a read before it returns. What it hands on as it is, the bytes behind a 101, may
 * therefore not be asked for over such a connection.
 */
export class LendingAgent extends http.Agent {
  constructor() {
    super(KEPT);
  }

  override createConnection(options: http.ClientRequestArgs): Duplex {
    const socket = dialReading(options as TcpNetConnectOpts);
    const take = (chunk: Buffer) => {
      socket.emit('data', chunk);
      return true;
    };
    readsOf(socket)!.begin({ lends: true, pending: false, copies: true, take });
    return socket;
  }
}

import { connect } from 'node:net';
import type pg from 'pg';

const CANCEL_REQUEST = 80877102;
const PATIENCE_MS = 2000;

/**
 * Asks the server to end the query that a client runs, as the protocol has it: on a connection of its own, without an answer.
 * A server does not notice by itself that a client has gone while it waits for a lock, so abandoned probes would fill it up.
 * Best effort: what cannot be sent is let be.
 */
export function cancelQuery(client: pg.Client): void {
  const { processID, secretKey } = client as unknown as {
    readonly processID: number | null;
    readonly secretKey: number | null;
  };
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(CANCEL_REQUEST, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const socket = client.host.startsWith('/')
    ? connect(`${client.host}/.s.PGSQL.${client.port}`)
    : connect(client.port, client.host);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => {});
  // Read to its end: the server closes when it has done its part.
  socket.resume().end(request);
  socket.unref();
}

import { connect } from 'node:net';
import { parseHostPort } from './host-port.ts';
import type { Side } from './link-end.ts';

/** Dials a plain TCP upstream; the connection is on its way when this returns. */
export function dialTcp(upstream: string): Side {
  const { host, port } = parseHostPort(upstream, 'upstream');
  return connect({ host: host || '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
}

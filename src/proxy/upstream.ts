import { parseHostPort } from './host-port.ts';
import type { Side } from './link-end.ts';
import { dialReading } from './reads.ts';

/** Dials a plain TCP upstream; the connection is on its way when this returns. */
export function dialTcp(upstream: string): Side {
  const { host, port } = parseHostPort(upstream, 'upstream');
  return dialReading({ host: host || '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
}

import { connect, type TcpNetConnectOpts } from 'node:net';
import { parseHostPort } from './host-port.ts';
import type { Side } from './link-end.ts';
import { dialReading } from './reads.ts';

/** Dials an upstream whose TLS begins on the socket once it is there. */
export function dialForTls(upstream: string): Side {
  return connect(optionsOf(upstream));
}

/** Dials a plain TCP upstream; the connection is on its way when this returns. */
export function dialTcp(upstream: string): Side {
  return dialReading(optionsOf(upstream));
}

/** Toxiproxy takes any text for an upstream: one that is no address fails to be dialled, as an unknown name does. */
function optionsOf(upstream: string): TcpNetConnectOpts {
  const halves = { allowHalfOpen: true, noDelay: true };
  try {
    const { host, port } = parseHostPort(upstream, 'upstream');
    return { host: host || '127.0.0.1', port, ...halves };
  } catch (error) {
    const lookup: TcpNetConnectOpts['lookup'] = (_, __, answer) => answer(error as Error, '');
    return { host: 'no-address.invalid', port: 1, lookup, ...halves };
  }
}

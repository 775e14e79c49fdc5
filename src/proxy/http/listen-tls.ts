import { readFileSync } from 'node:fs';
import { createSecureContext, TLSSocket } from 'node:tls';
import { FaultlineError } from '../../core/errors.ts';
import type { ProxyTls } from '../../core/protocol.ts';
import type { NearEnd } from '../contract.ts';

/** Near ends under TLS, by what the HTTP server has of them. */
const carriers = new WeakMap<object, NearEnd>();

/** The near end under a connection that may be TLS. */
export function carrierOf(connection: object): NearEnd {
  return carriers.get(connection) ?? (connection as NearEnd);
}

/**
 * Ends the client's TLS here. Bytes faults stand before it: they delay, cut and corrupt what is on the wire.
 * @throws FaultlineError FILE_NOT_FOUND, or BAD_VALUE for a certificate and key that do not belong together
 */
export function tlsEnding({ cert, key }: NonNullable<ProxyTls['listen']>): (end: NearEnd) => TLSSocket {
  const secureContext = contextOf(read(cert), read(key), cert);
  return (end) => {
    const secure = new TLSSocket(end, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    carriers.set(secure, end);
    end.once('close', () => secure.destroy());
    return secure;
  };
}

function contextOf(cert: string, key: string, path: string) {
  try {
    return createSecureContext({ cert, key });
  } catch (error) {
    throw new FaultlineError('BAD_VALUE', {
      value: path,
      where: 'tls.listen.cert',
      expected: `name a certificate and its key in PEM (${(error as NodeJS.ErrnoException).code})`,
    });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FaultlineError('FILE_NOT_FOUND', { path, reason: (error as Error).message });
  }
}

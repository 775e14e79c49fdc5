import { TLSSocket } from 'node:tls';
import type { ProxyTls } from '../../core/protocol.ts';
import type { NearEnd } from '../contract.ts';
import { readPair } from '../tls/material.ts';

/** Near ends under TLS, by what the HTTP server has of them. */
const carriers = new WeakMap<object, NearEnd>();

/** The near end under a connection that may be TLS. */
export function carrierOf(connection: object): NearEnd {
  return carriers.get(connection) ?? (connection as NearEnd);
}

/**
 * Ends the client's TLS here. Bytes faults stand before it: they delay, cut and corrupt what is on the wire.
 * @throws FaultlineError FILE_NOT_FOUND, TLS_BAD_CERTIFICATE, TLS_BAD_KEY or TLS_PAIR_DIFFERS
 */
export function tlsEnding(pair: NonNullable<ProxyTls['listen']>): (end: NearEnd) => TLSSocket {
  const secureContext = readPair(pair);
  return (end) => {
    const secure = new TLSSocket(end, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    carriers.set(secure, end);
    end.once('close', () => secure.destroy());
    return secure;
  };
}

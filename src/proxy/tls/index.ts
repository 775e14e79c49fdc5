import { FaultlineError } from '../../core/errors.ts';
import { isHttp, type Protocol, type ProxyDeclaration } from '../../core/protocol.ts';
import { parseHostPort } from '../host-port.ts';
import { postgresNegotiation } from '../postgres/encryption.ts';
import { clientSecurity, negotiatedSecurity } from './client.ts';
import type { Negotiation, Secure } from './contract.ts';
import { readCertificates, readPair } from './material.ts';
import { type UpstreamSecurity, upstreamSecurity } from './upstream.ts';

/** Protocols in which TLS is asked for. */
const NEGOTIATIONS: Partial<Record<Protocol, Negotiation>> = { postgres: postgresNegotiation };

/** TLS on the sides of a proxy's connections, where it is declared. */
export interface Security {
  readonly client?: Secure;
  readonly upstream?: Secure;
}

/**
 * What `tls` of a proxy asks for; nothing on HTTP protocols, whose own side sees to it. Files are read once. A failure of the
 * upstream's TLS is logged once until it changes.
 * @throws FaultlineError FILE_NOT_FOUND, TLS_BAD_CERTIFICATE, TLS_BAD_KEY or TLS_PAIR_DIFFERS
 */
export function securityOf(declaration: () => ProxyDeclaration, log: (line: string) => void): Security {
  const { protocol, tls } = declaration();
  if (!tls || isHttp(protocol)) return {};
  const negotiation = NEGOTIATIONS[protocol];
  const ca = tls.ca === undefined ? undefined : readCertificates(tls.ca);
  const upstream =
    tls.upstream !== undefined && tls.upstream !== 'off'
      ? upstreamSecurity({
          host: () => parseHostPort(declaration().upstream, 'upstream').host || '127.0.0.1',
          verify: tls.upstream === 'verify',
          ca,
          negotiation,
          outcome: logged(declaration, log),
        })
      : undefined;
  const pair = tls.listen && readPair(tls.listen);
  // Where TLS is asked for and the upstream has it already, the question must not get there.
  const client =
    negotiation && (pair || upstream) ? negotiatedSecurity(pair, negotiation) : pair && clientSecurity(pair);
  return { ...(client ? { client } : {}), ...(upstream ? { upstream } : {}) };
}

function logged(
  declaration: () => ProxyDeclaration,
  log: (line: string) => void,
): UpstreamSecurity['outcome'] {
  let told: string | undefined;
  return (failure) => {
    const { name, upstream } = declaration();
    const { message } = failure
      ? new FaultlineError(failure.code, { proxy: name, upstream, reason: failure.reason })
      : { message: undefined };
    if (message !== undefined && message !== told) log(message);
    told = message;
  };
}

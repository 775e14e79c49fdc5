import type http from 'node:http';
import https from 'node:https';
import { FaultlineError } from '../../core/errors.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { maskUrls } from '../../core/secrets.ts';
import { readCertificates } from '../tls/material.ts';
import { KEPT, LendingAgent } from './agent.ts';

/** Where a proxy's requests go, and how. */
export interface Target {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** What the upstream gets as `Host`. */
  readonly host: string;
  /** Path of the upstream's URL without its last slash, put before each request's own. */
  readonly prefix: string;
  readonly agent: http.Agent;
  /** Refuse a certificate that does not verify. */
  readonly verify: boolean;
  /** Certificates that `verify` trusts instead of the system's. */
  readonly ca: string | undefined;
}

/**
 * Reads `host:port` or an http or https URL. `tls.upstream` decides where it is set; else the URL's scheme, verified.
 * @throws FaultlineError BAD_VALUE for a text that is neither, FILE_NOT_FOUND or TLS_BAD_CERTIFICATE for a `ca` that cannot be read
 */
export function targetOf(declaration: ProxyDeclaration): Target {
  const url = readUpstream(declaration.upstream);
  const mode = declaration.tls?.upstream ?? (url.protocol === 'https:' ? 'verify' : 'off');
  const secure = mode !== 'off';
  const ca = declaration.tls?.ca === undefined ? undefined : readCertificates(declaration.tls.ca).toString();
  const defaultPort = secure ? 443 : 80;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    host: port === defaultPort ? url.hostname : `${url.hostname}:${port}`,
    prefix: url.pathname.replace(/\/+$/, ''),
    agent: secure ? new https.Agent(KEPT) : new LendingAgent(),
    verify: mode === 'verify',
    ca,
  };
}

function readUpstream(upstream: string): URL {
  const hasScheme = /^https?:\/\//i.test(upstream);
  const text = hasScheme ? upstream : `http://${upstream}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (hasScheme || url.pathname === '/')) return url;
  throw new FaultlineError('BAD_VALUE', {
    // A URL may hold user info or a key.
    value: maskUrls(upstream),
    where: 'upstream',
    expected: 'write host:port, or an http or https URL',
  });
}

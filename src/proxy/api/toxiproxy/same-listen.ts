import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ANY, parseHostPort } from '../../host-port.ts';

/**
 * Whether a proxy that listens on `present` already listens where `asked` says. Names are resolved, IPv4 first, because
 * what is stored is the address that was taken; port 0 asks for another port each time, so it never is the same.
 * @throws FaultlineError BAD_VALUE where `asked` is no address
 */
export async function sameListen(present: string, asked: string): Promise<boolean> {
  const { host, port } = parseHostPort(asked || ANY, 'listen');
  const stored = parseHostPort(present || ANY, 'listen');
  if (port === 0 || port !== stored.port) return false;
  return (await resolveHost(host)) === (await resolveHost(stored.host));
}

async function resolveHost(host: string): Promise<string> {
  if (host === '' || host === '0.0.0.0') return '::';
  if (isIP(host)) return host;
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    return host;
  }
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/**
 * Whether a proxy that listens on `present` already listens where `asked` says. Names are resolved, IPv4 first, because
 * what is stored is the address that was taken; port 0 asks for another port each time, so it never is the same.
 */
export async function sameListen(present: string, asked: string): Promise<boolean> {
  if (present === asked) return !asked.endsWith(':0');
  const { host, port } = splitAddress(asked);
  const stored = splitAddress(present);
  if (port === '0' || port !== stored.port) return false;
  return (await resolveHost(host)) === (await resolveHost(stored.host));
}

/** Splits `host:port`, `[v6]:port` and `:port`; an empty host stands for all interfaces. */
export function splitAddress(address: string): { readonly host: string; readonly port: string } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, ''),
    port: address.slice(colon + 1),
  };
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

import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { FaultlineError } from '../core/errors.ts';

/** Where Toxiproxy listens when no address is given: a free port on all interfaces. */
export const ANY = ':0';

export interface HostPort {
  /** Empty for all interfaces. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `[v6]:port` or `:port`.
 * @throws FaultlineError BAD_VALUE
 */
export function parseHostPort(address: string, where: string): HostPort {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(address.trim());
  const port = Number(match?.[3]);
  if (match && port <= 65_535) return { host: match[1] ?? match[2] ?? '', port };
  throw new FaultlineError('BAD_VALUE', {
    value: address,
    where,
    expected: 'write it as host:port, such as 127.0.0.1:5432',
  });
}

/**
 * Whether only this machine reaches a `host:port`. A name that means nothing is left to fail where it is listened on.
 * @throws FaultlineError BAD_VALUE
 */
export async function isLoopback(address: string): Promise<boolean> {
  const { host } = parseHostPort(address, 'control');
  if (host === '') return false;
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.every((one) => one.address === '::1' || one.address.startsWith('127.'));
}

export function formatAddress({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `::ffff:127.0.0.1` is `127.0.0.1`: a listener on all interfaces sees IPv4 clients in IPv6 clothes. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

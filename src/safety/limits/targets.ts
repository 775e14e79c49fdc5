import { BlockList, isIP, isIPv6 } from 'node:net';
import type { SafetyLimits } from '../../core/limits.ts';
import { addressTest, glob } from '../../proxy/match.ts';

/** Loopback and private networks (RFC 1918, RFC 4193). Link-local is not one: cloud metadata, with its credentials, lives there. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/** Names that public DNS does not hold: of one label, or under a name reserved for private use. */
const PRIVATE_NAME = /^[^.]+$|(^|\.)(localhost|local|internal|home\.arpa)$/;

export type Refusal =
  | { readonly why: 'denied'; readonly host: string; readonly rule: string }
  | { readonly why: 'not-allowed'; readonly host: string };

/** What lets a host be touched: an `allow` pattern, or that it is private. */
export type Permission = { readonly rule: string } | { readonly private: 'address' | 'name' };

type Targets = SafetyLimits['targets'];

/**
 * Whether an experiment may touch a host. A `deny` pattern outranks all; then private and loopback addresses and names pass,
 * and a public one must match an `allow` pattern. A pattern is a glob, or a network such as 10.0.0.0/8.
 */
export function refuseTarget(targets: Targets, host: string): Refusal | undefined {
  const name = normalise(host);
  const rule = targets.deny.find((denied) => matches(denied, name));
  if (rule !== undefined) return { why: 'denied', host: name, rule };
  return permissionOf(targets, name) ? undefined : { why: 'not-allowed', host: name };
}

/** Why a host may be touched, leaving aside what is denied. */
export function permissionOf({ allow }: Targets, host: string): Permission | undefined {
  const name = normalise(host);
  const rule = allow.find((allowed) => matches(allowed, name));
  if (rule !== undefined) return { rule };
  if (isIP(name)) return isPrivateAddress(name) ? { private: 'address' } : undefined;
  return PRIVATE_NAME.test(name) ? { private: 'name' } : undefined;
}

/**
 * Whether an address that a name leads to changes what was said of the name: it is denied, or the name was taken for a
 * private one and the address is public.
 */
export function refuseAddress(targets: Targets, name: string, address: string): Refusal | undefined {
  const refusal = refuseTarget(targets, address);
  const allowedByName = 'rule' in (permissionOf(targets, name) ?? {});
  return refusal?.why === 'not-allowed' && allowedByName ? undefined : refusal;
}

/** Whether a host is a name, which must be looked up to tell where it leads. */
export function isName(host: string): boolean {
  return isIP(normalise(host)) === 0;
}

/**
 * Hosts that an address leads to: that of a URL or of `host:port`, and those that a Postgres driver takes from the query in
 * its place. None for a socket of this machine. Undefined where it cannot be told, as in `${DATABASE_URL}`, or where readers
 * of URLs differ: a backslash ends the host for some and not for others, and with it a check could see another host than
 * the driver dials.
 */
export function hostsOf(address: string): readonly string[] | undefined {
  if (/\$\{\w+\}|[\\\s]/.test(address)) return undefined;
  const [scheme = ''] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(address) ?? [];
  const rest = address.slice(scheme.length);
  // Read as http, which normalises the host: `0x7f.1` and `127.0.0.1` are the same place.
  const text = rest.startsWith('/') ? `http://empty.invalid${rest}` : `http://${rest}`;
  if (!URL.canParse(text)) return undefined;
  const { hostname, searchParams } = new URL(text);
  const hosts = [...HOST_KEYS].flatMap((key) => searchParams.getAll(key));
  const remote = hosts.filter((host) => !host.startsWith('/'));
  const own = rest.startsWith('/') ? [] : hostname.split(',');
  if (own.length + hosts.length === 0) return undefined;
  return [...own, ...remote.flatMap((host) => host.split(','))];
}

const HOST_KEYS = ['host', 'hostaddr'] as const;

/** @throws Error with a sentence unless a text can match hosts: a glob without scheme, port and path, or a network */
export function checkPattern(pattern: string): void {
  try {
    if (pattern.includes('/')) addressTest(pattern, '');
    else if (
      !/^[\w.*?-]+$/.test(pattern) &&
      !/^\[?[\da-f:.*?]*:[\da-f:.*?]*:[\da-f:.*?]*\]?$/i.test(pattern)
    ) {
      throw new Error();
    }
  } catch {
    throw new Error(
      `"${pattern}" can match no host: write a glob without scheme, port and path, such as *.staging.example, or a network such as 10.0.0.0/8`,
    );
  }
}

function isPrivateAddress(host: string): boolean {
  return PRIVATE.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

/** IPv4 in the clothes of IPv6 is the same place, however it is written. */
function normalise(host: string): string {
  const plain = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(plain);
  if (!mapped) return plain.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
  const words = mapped.slice(1).map((word) => Number.parseInt(word, 16));
  return words.flatMap((word) => [word >> 8, word & 255]).join('.');
}

function matches(pattern: string, host: string): boolean {
  if (!pattern.includes('/')) return glob(normalise(pattern))(host);
  return isIP(host) !== 0 && addressTest(pattern, '')(host);
}

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { SafetyLimits } from '../../core/limits.ts';
import { glob } from '../../proxy/match.ts';

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

/**
 * Whether an experiment may touch a host. A `deny` glob outranks all; then private and loopback addresses and names pass,
 * and a public one must match an `allow` glob.
 */
export function refuseTarget(targets: SafetyLimits['targets'], host: string): Refusal | undefined {
  const name = normalise(host);
  const rule = targets.deny.find((denied) => matches(denied, name));
  if (rule !== undefined) return { why: 'denied', host: name, rule };
  if (isPrivate(name) || targets.allow.some((allowed) => matches(allowed, name))) return undefined;
  return { why: 'not-allowed', host: name };
}

/** Host of a URL or of `host:port`; undefined where none can be read, as in `${DATABASE_URL}`. */
export function hostOf(address: string): string | undefined {
  if (/\$\{\w+\}/.test(address)) return undefined;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(address)?.[0];
  // Read as http, which normalises the host: `0x7f.1` and `127.0.0.1` are the same place.
  const url = `http://${scheme ? address.slice(scheme.length) : address}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function isPrivate(host: string): boolean {
  if (isIPv4(host)) return PRIVATE.check(host, 'ipv4');
  if (isIPv6(host)) return PRIVATE.check(host, 'ipv6');
  return PRIVATE_NAME.test(host);
}

function normalise(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function matches(pattern: string, host: string): boolean {
  return glob(normalise(pattern))(host);
}

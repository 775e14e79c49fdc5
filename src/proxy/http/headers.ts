import type http from 'node:http';

/** Headers as they came: name, value, name, value, with their case, order and repetition. */
export type RawHeaders = readonly string[];

/** Room for the heads that providers and their clients really send, bytes; node:http alone stops at 16 KiB. */
export const LONGEST_HEAD = 64 * 1024;

/**
 * Headers that belong to one connection and must not pass it (RFC 9110 §7.6.1), with `proxy-authorization`, which is for
 * the proxy alone: forwarded, it would hand the proxy's password to the upstream.
 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

const NONE: ReadonlySet<string> = new Set();

/** What passes on: all but hop-by-hop headers, those that `Connection` names, and those in `without` (lower case). */
export function endToEnd(raw: RawHeaders, without: readonly string[] = []): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!;
    const key = name.toLowerCase();
    if (HOP_BY_HOP.has(key) || named.has(key) || without.includes(key)) continue;
    kept.push(name, raw[index + 1]!);
  }
  return kept;
}

/** Nearly always nothing but itself, which is hop-by-hop already. */
function namedByConnection(raw: RawHeaders): ReadonlySet<string> {
  let named: Set<string> | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!;
    if (name.length !== 'connection'.length || name.toLowerCase() !== 'connection') continue;
    const value = raw[index + 1]!;
    if (value === 'keep-alive' || value === 'close') continue;
    named ??= new Set();
    for (const token of value.split(',')) named.add(token.trim().toLowerCase());
  }
  return named ?? NONE;
}

/**
 * Sets headers on a request that is not yet sent; of a repeated name all values stay, under the case that it had first.
 * What was set before goes.
 */
export function setHeaders(request: http.ClientRequest, raw: RawHeaders): void {
  for (const name of request.getHeaderNames()) request.removeHeader(name);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!;
    const value = raw[index + 1]!;
    const before = request.getHeader(name);
    if (before === undefined) request.setHeader(name, value);
    else {
      const first = request.getRawHeaderNames().find((set) => set.toLowerCase() === name.toLowerCase())!;
      request.setHeader(first, [before as string | string[], value].flat());
    }
  }
}

/** A head as it goes over the wire, for what node:http does not write by itself. */
export function rawHead(status: number, reason: string, raw: RawHeaders): string {
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  for (const [name, value] of pairs(raw)) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export function* pairs(raw: RawHeaders): Generator<[name: string, value: string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index]!, raw[index + 1]!];
}

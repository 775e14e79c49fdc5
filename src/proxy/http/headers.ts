import type http from 'node:http';

/** Headers as they came: name, value, name, value, with their case, order and repetition. */
export type RawHeaders = readonly string[];

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

/** What passes on: all but hop-by-hop headers, those that `Connection` names, and those in `without` (lower case). */
export function endToEnd(raw: RawHeaders, without: readonly string[] = []): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...without]);
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const token of value.split(',')) dropped.add(token.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (const [name, value] of pairs(raw)) {
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/**
 * Sets headers on a request that is not yet sent; of a repeated name all values stay, under the case that it had first.
 * What was set before goes.
 */
export function setHeaders(request: http.ClientRequest, raw: RawHeaders): void {
  for (const name of request.getHeaderNames()) request.removeHeader(name);
  const byName = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    const entry = byName.get(key);
    if (entry) entry.values.push(value);
    else byName.set(key, { name, values: [value] });
  }
  for (const { name, values } of byName.values()) {
    request.setHeader(name, values.length === 1 ? values[0]! : values);
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

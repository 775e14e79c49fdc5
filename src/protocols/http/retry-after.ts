type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * How long an answer tells its client to wait before it comes again, ms: `retry-after-ms`, or `retry-after` in seconds or
 * as a date (RFC 9110 §10.2.3). Undefined where it says nothing that can be read.
 */
export function retryAfterMs(headers: Headers, wall: number): number | undefined {
  const ms = textOf(headers, 'retry-after-ms');
  if (ms && Number(ms) >= 0) return Number(ms);
  const after = textOf(headers, 'retry-after');
  if (!after) return undefined;
  if (Number(after) >= 0) return Number(after) * 1000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(0, at - wall);
}

/** Names in any case: a fault writes them as its provider does. */
function textOf(headers: Headers, name: string): string | undefined {
  for (const key of Object.keys(headers)) {
    if (key.length === name.length && key.toLowerCase() === name) return String(headers[key]).trim();
  }
  return undefined;
}

/** `retry-after` in whole seconds and `retry-after-ms`, as OpenAI sends both; none for 0. */
export function retryAfterHeaders(ms: number): Record<string, string> {
  if (ms <= 0) return {};
  return { 'retry-after': wholeSeconds(ms), 'retry-after-ms': String(Math.round(ms)) };
}

/** Rounded up, so that waiting as told is never too short. */
export function wholeSeconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}

/** As Go's `time.Duration` prints: `12ms`, `1s`, `6m0s`, `23h18m29.144s`. */
export function goDuration(ms: number): string {
  if (ms <= 0) return '0s';
  if (ms < 1) return `${Number((ms * 1000).toFixed(3))}µs`;
  if (ms < 1000) return `${Number(ms.toFixed(6))}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = Number(((ms % 60_000) / 1000).toFixed(9));
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/** As protobuf's JSON mapping prints a Duration: `42s`, `18.25s`. */
export function protobufDuration(ms: number): string {
  return `${Number((ms / 1000).toFixed(9))}s`;
}

/** RFC 3339 in UTC without fractions: `2026-11-20T10:00:00Z`. */
export function rfc3339(wall: number): string {
  return new Date(wall).toISOString().replace(/\.\d+Z$/, 'Z');
}

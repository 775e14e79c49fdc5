import { APIError } from 'openai';

/**
 * How long the AI provider asks to wait, in ms, by its `retry-after-ms` or `retry-after` header (seconds or a date);
 * undefined when it does not say.
 */
export function retryAfter(error: unknown, now: number): number | undefined {
  if (!(error instanceof APIError)) return undefined;
  const exact = Number.parseFloat(error.headers?.get('retry-after-ms') ?? '');
  if (exact >= 0) return exact;
  const text = error.headers?.get('retry-after') ?? '';
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

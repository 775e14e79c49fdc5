import type { Budget } from '../contract.ts';
import { cfRay } from '../gateway.ts';
import { hex } from '../ids.ts';
import { goDuration } from '../wait-hints.ts';

/** What tells one answer of api.openai.com from another. */
export function identityHeaders(random: () => number): Record<string, string> {
  return {
    'x-request-id': `req_${hex(random, 32)}`,
    'openai-version': '2020-10-01',
    'openai-processing-ms': String(8 + Math.floor(random() * 40)),
    server: 'cloudflare',
    'cf-ray': cfRay(random),
  };
}

/** `x-ratelimit-*`, whose resets are Go durations until the bucket is full again. */
export function budgetHeaders(budget: Budget): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ['requests', 'tokens'] as const) {
    const allowance = budget[name];
    if (!allowance) continue;
    headers[`x-ratelimit-limit-${name}`] = String(allowance.limit);
    headers[`x-ratelimit-remaining-${name}`] = String(allowance.remaining);
    headers[`x-ratelimit-reset-${name}`] = goDuration(Math.round(allowance.resetMs));
  }
  return headers;
}

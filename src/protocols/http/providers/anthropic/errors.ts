import type { Budget, ErrorReply, ErrorRequest, ErrorTable } from '../contract.ts';
import { cfRay, cloudflareJson502, cloudflarePage502 } from '../gateway.ts';
import { letters } from '../ids.ts';
import { rfc3339, wholeSeconds } from '../wait-hints.ts';

/** Errors of api.anthropic.com: `{"type":"error","error":{"type","message"},"request_id"}`. */

const LIMITS = { requests: 50, tokens: 38_000, 'input-tokens': 30_000, 'output-tokens': 8000 } as const;
const CONTEXT = 200_000;

export const ANTHROPIC_ERRORS: ErrorTable = {
  rate_limit: (request) =>
    limited(request, `${request.budget?.requests?.limit ?? LIMITS.requests} requests per minute`, {
      requests: 0,
    }),

  token_limit: (request) =>
    limited(request, `${tokenLimit(request)} per minute`, {
      tokens: LIMITS['output-tokens'],
      'input-tokens': 0,
    }),

  // A spend limit looks like any other 429, but has no `retry-after` and never passes on a retry.
  quota: (request) =>
    reply(request, 429, {
      type: 'rate_limit_error',
      message: 'You have reached your specified API usage limits.',
      details: { error_code: 'enforced_spend_limit_reached' },
    }),

  overloaded: (request) =>
    reply(
      request,
      529,
      { type: 'overloaded_error', message: 'Overloaded' },
      { 'x-should-retry': 'true', via: '1.1 google' },
    ),

  server_error: (request) => reply(request, 500, { type: 'api_error', message: 'Internal server error' }),

  bad_gateway: cloudflareJson502,
  gateway_html: (request) => cloudflarePage502(request, 'api.anthropic.com'),

  invalid_key: (request) =>
    reply(request, 401, { type: 'authentication_error', message: 'invalid x-api-key' }),

  model_not_found: (request) =>
    reply(request, 404, { type: 'not_found_error', message: `model: ${request.model ?? 'unknown'}` }),

  context_length: (request) =>
    reply(request, 400, {
      type: 'invalid_request_error',
      message: `prompt is too long: ${CONTEXT + 213} tokens > ${CONTEXT} maximum`,
    }),

  content_filter: (request) =>
    reply(request, 400, {
      type: 'invalid_request_error',
      message: 'Output blocked by content filtering policy',
    }),
};

/** A real budget counts what goes in and what comes out. */
function tokenLimit({ budget }: ErrorRequest): string {
  const limit = budget?.tokens?.limit;
  const [most, of] = limit === undefined ? [LIMITS['input-tokens'], 'input tokens'] : [limit, 'tokens'];
  return `${most.toLocaleString('en-US')} ${of}`;
}

interface AnthropicError {
  readonly type: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function requestId(random: () => number): string {
  return `req_011C${letters(random, 20)}`;
}

/** What tells one answer of api.anthropic.com from another. */
export function identityHeaders(id: string, random: () => number): Record<string, string> {
  return { 'request-id': id, server: 'cloudflare', 'cf-ray': cfRay(random) };
}

function reply(
  request: ErrorRequest,
  status: number,
  error: AnthropicError,
  headers: Readonly<Record<string, string>> = {},
): ErrorReply {
  const id = requestId(request.random);
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers, ...identityHeaders(id, request.random) },
    body: JSON.stringify({ type: 'error', error, request_id: id }),
  };
}

/** `anthropic-ratelimit-*` of the limits that there are; a reset is the time when all is there again. */
export function budgetHeaders(budget: Budget, { wall }: Pick<ErrorRequest, 'wall'>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of ['requests', 'tokens'] as const) {
    const allowance = budget[name];
    if (!allowance) continue;
    headers[`anthropic-ratelimit-${name}-limit`] = String(allowance.limit);
    headers[`anthropic-ratelimit-${name}-remaining`] = String(allowance.remaining);
    headers[`anthropic-ratelimit-${name}-reset`] = rfc3339(
      Math.ceil((wall + allowance.resetMs) / 1000) * 1000,
    );
  }
  return headers;
}

/** All twelve `anthropic-ratelimit-*` headers, whose resets are RFC 3339 times. */
function limited(
  request: ErrorRequest,
  limit: string,
  remaining: Partial<Record<keyof typeof LIMITS, number>>,
): ErrorReply {
  const reset = rfc3339(Math.ceil((request.wall + Math.max(request.retryAfterMs, 1000)) / 1000) * 1000);
  const headers = request.budget
    ? budgetHeaders(request.budget, request)
    : Object.fromEntries(
        Object.entries(LIMITS).flatMap(([name, most]) => [
          [`anthropic-ratelimit-${name}-limit`, String(most)],
          [`anthropic-ratelimit-${name}-remaining`, String(remaining[name as keyof typeof LIMITS] ?? most)],
          [`anthropic-ratelimit-${name}-reset`, reset],
        ]),
      );
  return reply(
    request,
    429,
    {
      type: 'rate_limit_error',
      message: `This request would exceed your organization's rate limit of ${limit}.`,
    },
    request.retryAfterMs > 0 ? { 'retry-after': wholeSeconds(request.retryAfterMs), ...headers } : headers,
  );
}

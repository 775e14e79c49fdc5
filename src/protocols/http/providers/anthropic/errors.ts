import type { ErrorReply, ErrorRequest, ErrorTable } from '../contract.ts';
import { cfRay, cloudflareJson502, cloudflarePage502 } from '../gateway.ts';
import { letters } from '../ids.ts';
import { rfc3339, wholeSeconds } from '../wait-hints.ts';

/** Errors of api.anthropic.com: `{"type":"error","error":{"type","message"},"request_id"}`. */

const LIMITS = { requests: 50, tokens: 38_000, 'input-tokens': 30_000, 'output-tokens': 8000 } as const;
const CONTEXT = 200_000;

export const ANTHROPIC_ERRORS: ErrorTable = {
  rate_limit: (request) => limited(request, `${LIMITS.requests} requests per minute`, { requests: 0 }),

  token_limit: (request) =>
    limited(request, `${LIMITS['input-tokens'].toLocaleString('en-US')} input tokens per minute`, {
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

interface AnthropicError {
  readonly type: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

function reply(
  request: ErrorRequest,
  status: number,
  error: AnthropicError,
  headers: Readonly<Record<string, string>> = {},
): ErrorReply {
  const id = `req_011C${letters(request.random, 20)}`;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...headers,
      'request-id': id,
      server: 'cloudflare',
      'cf-ray': cfRay(request.random),
    },
    body: JSON.stringify({ type: 'error', error, request_id: id }),
  };
}

/** All twelve `anthropic-ratelimit-*` headers, whose resets are RFC 3339 times. */
function limited(
  request: ErrorRequest,
  limit: string,
  remaining: Partial<Record<keyof typeof LIMITS, number>>,
): ErrorReply {
  const reset = rfc3339(Math.ceil((request.wall + Math.max(request.retryAfterMs, 1000)) / 1000) * 1000);
  const headers: Record<string, string> =
    request.retryAfterMs > 0 ? { 'retry-after': wholeSeconds(request.retryAfterMs) } : {};
  for (const [name, most] of Object.entries(LIMITS)) {
    headers[`anthropic-ratelimit-${name}-limit`] = String(most);
    headers[`anthropic-ratelimit-${name}-remaining`] = String(remaining[name as keyof typeof LIMITS] ?? most);
    headers[`anthropic-ratelimit-${name}-reset`] = reset;
  }
  return reply(
    request,
    429,
    {
      type: 'rate_limit_error',
      message: `This request would exceed your organization's rate limit of ${limit}.`,
    },
    headers,
  );
}

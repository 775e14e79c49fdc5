import type { Allowance, Budget, ErrorReply, ErrorRequest, ErrorTable } from '../contract.ts';
import { cloudflareJson502, cloudflarePage502 } from '../gateway.ts';
import { letters } from '../ids.ts';
import { goDuration, retryAfterHeaders } from '../wait-hints.ts';
import { budgetHeaders, identityHeaders } from './headers.ts';

/** Errors of api.openai.com: `{"error":{"message","type","param","code"}}`, each key always there. */

const REQUESTS_PER_MINUTE = 500;
const TOKENS_PER_MINUTE = 30_000;
const CONTEXT = 128_000;

export const OPENAI_ERRORS: ErrorTable = {
  rate_limit: (request) =>
    limited(request, 'requests', {
      requests: usual(REQUESTS_PER_MINUTE, 0, request),
      tokens: usual(TOKENS_PER_MINUTE, TOKENS_PER_MINUTE - 60, request),
    }),

  token_limit: (request) =>
    limited(request, 'tokens', {
      requests: usual(REQUESTS_PER_MINUTE, REQUESTS_PER_MINUTE - 1, request),
      tokens: usual(TOKENS_PER_MINUTE, 0, request),
    }),

  quota: (request) =>
    reply(request, 429, {
      message:
        'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    }),

  overloaded: (request) =>
    reply(request, 503, {
      message: 'The engine is currently overloaded, please try again later',
      type: 'service_unavailable_error',
      code: 'server_is_overloaded',
    }),

  server_error: (request) =>
    reply(request, 500, {
      message: 'The server had an error while processing your request. Sorry about that!',
      type: 'server_error',
    }),

  bad_gateway: cloudflareJson502,
  gateway_html: (request) => cloudflarePage502(request, 'api.openai.com'),

  // The real message shows the key in part; this one shows nothing of it.
  invalid_key: (request) =>
    reply(request, 401, {
      message:
        'Incorrect API key provided: ********. You can find your API key at https://platform.openai.com/account/api-keys.',
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    }),

  model_not_found: (request) =>
    reply(request, 404, {
      message: `The model \`${request.model ?? 'unknown'}\` does not exist or you do not have access to it.`,
      type: 'invalid_request_error',
      code: 'model_not_found',
    }),

  context_length: (request) =>
    reply(request, 400, {
      message: `This model's maximum context length is ${CONTEXT} tokens. However, your messages resulted in ${CONTEXT + 213} tokens. Please reduce the length of the messages.`,
      type: 'invalid_request_error',
      param: request.path.endsWith('/responses') ? 'input' : 'messages',
      code: 'context_length_exceeded',
    }),

  content_filter: (request) =>
    reply(request, 400, {
      message:
        'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt: https://platform.openai.com/docs/guides/reasoning#advice-on-prompting',
      type: 'invalid_request_error',
      code: 'invalid_prompt',
    }),
};

interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

function reply(
  request: ErrorRequest,
  status: number,
  error: OpenAiError,
  headers: Readonly<Record<string, string>> = {},
): ErrorReply {
  const { message, type, param = null, code = null } = error;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...headers,
      ...identityHeaders(request.random),
    },
    body: JSON.stringify({ error: { message, type, param, code } }),
  };
}

/** What a usual account's limit shows in the moment of an error. */
function usual(limit: number, remaining: number, { retryAfterMs }: ErrorRequest): Allowance {
  const refillMs = ((limit - remaining) / limit) * 60_000;
  return { limit, remaining, resetMs: Math.max(refillMs, remaining === 0 ? retryAfterMs : 0) };
}

const PER_MINUTE = { requests: 'requests per min (RPM)', tokens: 'tokens per min (TPM)' } as const;

function limited(request: ErrorRequest, type: keyof typeof PER_MINUTE, usualBudget: Budget): ErrorReply {
  const { budget = usualBudget, model = 'this model', retryAfterMs: wait } = request;
  const { limit, remaining } = budget[type]!;
  const requested = type === 'requests' ? 1 : 60;
  const again = wait > 0 ? ` Please try again in ${goDuration(wait)}.` : '';
  return reply(
    request,
    429,
    {
      message: `Rate limit reached for ${model} in organization org-${letters(request.random, 24)} on ${PER_MINUTE[type]}: Limit ${limit}, Used ${limit - remaining}, Requested ${requested}.${again}`,
      type,
      code: 'rate_limit_exceeded',
    },
    { ...retryAfterHeaders(wait), ...budgetHeaders(budget) },
  );
}

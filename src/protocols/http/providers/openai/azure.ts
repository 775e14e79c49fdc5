import type { Budget, ErrorReply, ErrorRequest, ErrorTable } from '../contract.ts';
import { plainPage502 } from '../gateway.ts';
import { hex } from '../ids.ts';
import { retryAfterHeaders, wholeSeconds } from '../wait-hints.ts';
import { OPENAI_ERRORS } from './errors.ts';

/** Azure OpenAI where it differs from OpenAI: `code` is a text such as "429", and a reset is whole seconds. */

export function isAzurePath(path: string): boolean {
  return path.startsWith('/openai/');
}

export const AZURE_ERRORS: ErrorTable = {
  ...OPENAI_ERRORS,
  rate_limit: (request) => limited(request, 'call rate limit', '-requests'),
  token_limit: (request) => limited(request, 'token rate limit', '-tokens'),
  invalid_key: (request) =>
    reply(request, 401, {
      code: '401',
      message:
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
    }),
  model_not_found: (request) =>
    reply(request, 404, {
      code: 'DeploymentNotFound',
      message:
        'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
    }),
  gateway_html: plainPage502,
};

/** Azure says what is left, and of tokens alone when there will be more, in whole seconds. */
export function azureBudgetHeaders({ requests, tokens }: Budget): Record<string, string> {
  return {
    ...(requests ? { 'x-ratelimit-remaining-requests': String(requests.remaining) } : {}),
    ...(tokens
      ? {
          'x-ratelimit-remaining-tokens': String(tokens.remaining),
          'x-ratelimit-reset-tokens': wholeSeconds(Math.max(tokens.resetMs, 1000)),
        }
      : {}),
  };
}

function limited(request: ErrorRequest, what: string, used: '-requests' | '-tokens'): ErrorReply {
  const wait = request.retryAfterMs;
  const again = wait > 0 ? ` Please retry after ${wholeSeconds(wait)} seconds.` : '';
  return reply(
    request,
    429,
    {
      code: '429',
      message: `Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded ${what} of your current OpenAI S0 pricing tier.${again}`,
    },
    {
      ...retryAfterHeaders(wait),
      ...azureBudgetHeaders(
        request.budget ?? {
          requests: { limit: 60, remaining: used === '-requests' ? 0 : 59, resetMs: wait },
          tokens: { limit: 10_000, remaining: used === '-tokens' ? 0 : 9940, resetMs: wait },
        },
      ),
    },
  );
}

function reply(
  request: ErrorRequest,
  status: number,
  error: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): ErrorReply {
  const id = [8, 4, 4, 4, 12].map((length) => hex(request.random, length)).join('-');
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers, 'apim-request-id': id, 'x-request-id': id },
    body: JSON.stringify({ error }),
  };
}

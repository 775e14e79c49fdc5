import type { AiErrorKind, Budget, ErrorReply, ErrorRequest, ErrorTable } from '../contract.ts';
import { plainPage502 } from '../gateway.ts';
import { hex } from '../ids.ts';
import { retryAfterHeaders, wholeSeconds } from '../wait-hints.ts';
import { OPENAI_ERRORS } from './errors.ts';

/**
 * Azure OpenAI where it differs from OpenAI: `code` is a text such as "429", a reset is whole seconds, and it stands behind
 * Azure's own gateway.
 */

export function isAzurePath(path: string): boolean {
  return path.startsWith('/openai/');
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** The version of the API that its messages name. The query, which tells the client's, is not looked at. */
const API_VERSION = '2024-10-21';

/** What it answers with OpenAI's own body. */
function asOpenai(kind: AiErrorKind): (request: ErrorRequest) => ErrorReply {
  return (request) => {
    const { status, body } = OPENAI_ERRORS[kind](request);
    return { status, headers: { ...JSON_TYPE, ...azureIdentity(request.random) }, body };
  };
}

export const AZURE_ERRORS: ErrorTable = {
  quota: asOpenai('quota'),
  overloaded: asOpenai('overloaded'),
  server_error: asOpenai('server_error'),
  context_length: asOpenai('context_length'),
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
  // A prompt that its filter refuses; an answer that it refuses ends with `content_filter`.
  content_filter: (request) =>
    reply(request, 400, {
      message:
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: {
          hate: { filtered: false, severity: 'safe' },
          jailbreak: { filtered: false, detected: false },
          self_harm: { filtered: false, severity: 'safe' },
          sexual: { filtered: false, severity: 'safe' },
          violence: { filtered: true, severity: 'medium' },
        },
      },
    }),
  bad_gateway: plainPage502,
  gateway_html: plainPage502,
};

/** As Azure names what a path asks for. */
function operation(path: string): string {
  if (path.endsWith('/embeddings')) return 'Embeddings_Create';
  if (path.endsWith('/responses')) return 'Responses_Create';
  return path.endsWith('/chat/completions') ? 'ChatCompletions_Create' : 'Completions_Create';
}

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
      message: `Requests to the ${operation(request.path)} Operation under Azure OpenAI API version ${API_VERSION} have exceeded ${what} of your current OpenAI S0 pricing tier.${again}`,
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
  return {
    status,
    headers: { ...JSON_TYPE, ...headers, ...azureIdentity(request.random) },
    body: JSON.stringify({ error }),
  };
}

/** What tells one answer of Azure from another. */
export function azureIdentity(random: () => number): Record<string, string> {
  const id = [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-');
  return { 'apim-request-id': id, 'x-request-id': id };
}

import type { ErrorReply, ErrorRequest, ErrorTable } from '../contract.ts';
import { plainPage502 } from '../gateway.ts';
import { protobufDuration } from '../wait-hints.ts';

/** Errors of the Gemini API: google.rpc.Status as JSON. It sends no rate-limit headers; the wait is in the body. */

const TYPES = 'type.googleapis.com/google.rpc';
const CONTEXT = 1_048_576;

export const GEMINI_ERRORS: ErrorTable = {
  rate_limit: (request) =>
    exhausted(
      request,
      'generate_requests_per_model',
      'GenerateRequestsPerMinutePerProjectPerModel',
      String(request.budget?.requests?.limit ?? 15),
    ),

  token_limit: (request) =>
    exhausted(
      request,
      'generate_content_input_token_count',
      'GenerateContentInputTokensPerModelPerMinute',
      String(request.budget?.tokens?.limit ?? 250_000),
    ),

  quota: (request) =>
    exhausted(
      { ...request, retryAfterMs: 0 },
      'generate_requests_per_model_per_day',
      'GenerateRequestsPerDayPerProjectPerModel',
      '1500',
    ),

  overloaded: () => reply(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),

  server_error: () =>
    reply(
      500,
      'INTERNAL',
      'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
    ),

  bad_gateway: () => reply(502, 'UNAVAILABLE', 'Bad Gateway'),
  gateway_html: plainPage502,

  // A wrong key is 400 here, not 401.
  invalid_key: () =>
    reply(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
      {
        '@type': `${TYPES}.ErrorInfo`,
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
    ]),

  model_not_found: (request) =>
    reply(
      404,
      'NOT_FOUND',
      `models/${request.model ?? 'unknown'} is not found for API version ${version(request.path)}, or is not supported for generateContent.`,
    ),

  context_length: () =>
    reply(
      400,
      'INVALID_ARGUMENT',
      `The input token count (${CONTEXT + 213}) exceeds the maximum number of tokens allowed (${CONTEXT}).`,
    ),

  // A blocked prompt is a success without candidates.
  content_filter: (request) => {
    const blocked = JSON.stringify({
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 8, totalTokenCount: 8 },
      modelVersion: request.model ?? 'unknown',
    });
    return request.streaming
      ? { status: 200, headers: { 'content-type': 'text/event-stream' }, body: `data: ${blocked}\r\n\r\n` }
      : { status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: blocked };
  },
};

function reply(
  code: number,
  status: string,
  message: string,
  details: readonly Readonly<Record<string, unknown>>[] = [],
): ErrorReply {
  const error = details.length > 0 ? { code, message, status, details } : { code, message, status };
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=UTF-8', vary: 'Origin, X-Origin, Referer' },
    body: `${JSON.stringify({ error }, undefined, 2)}\n`,
  };
}

function exhausted(request: ErrorRequest, metric: string, quotaId: string, quotaValue: string): ErrorReply {
  const wait = request.retryAfterMs;
  const quotaMetric = `generativelanguage.googleapis.com/${metric}`;
  const again = wait > 0 ? `\nPlease retry in ${protobufDuration(wait)}.` : '';
  return reply(
    429,
    'RESOURCE_EXHAUSTED',
    `You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: ${quotaMetric}, limit: ${quotaValue}${again}`,
    [
      {
        '@type': `${TYPES}.QuotaFailure`,
        violations: [
          {
            quotaMetric,
            quotaId,
            quotaDimensions: { location: 'global', model: request.model ?? 'unknown' },
            quotaValue,
          },
        ],
      },
      {
        '@type': `${TYPES}.Help`,
        links: [
          {
            description: 'Learn more about Gemini API quotas',
            url: 'https://ai.google.dev/gemini-api/docs/rate-limits',
          },
        ],
      },
      ...(wait > 0 ? [{ '@type': `${TYPES}.RetryInfo`, retryDelay: protobufDuration(wait) }] : []),
    ],
  );
}

function version(path: string): string {
  return /\/(v\d\w*)\//.exec(path)?.[1] ?? 'v1';
}

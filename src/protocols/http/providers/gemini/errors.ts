import type { ErrorReply, ErrorRequest, ErrorTable, JsonObject } from '../contract.ts';
import { plainPage502 } from '../gateway.ts';
import { protobufDuration } from '../wait-hints.ts';
import { refusal, success } from './wire.ts';

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

  overloaded: (request) =>
    rpcError(request, 503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),

  server_error: (request) =>
    rpcError(
      request,
      500,
      'INTERNAL',
      'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
    ),

  bad_gateway: (request) => rpcError(request, 502, 'UNAVAILABLE', 'Bad Gateway'),
  gateway_html: plainPage502,

  // A wrong key is 400 here, not 401.
  invalid_key: (request) =>
    rpcError(request, 400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
      {
        '@type': `${TYPES}.ErrorInfo`,
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
    ]),

  model_not_found: (request) =>
    rpcError(
      request,
      404,
      'NOT_FOUND',
      `models/${request.model ?? 'unknown'} is not found for API version ${version(request.path)}, or is not supported for generateContent.`,
    ),

  context_length: (request) =>
    rpcError(
      request,
      400,
      'INVALID_ARGUMENT',
      `The input token count (${CONTEXT + 213}) exceeds the maximum number of tokens allowed (${CONTEXT}).`,
    ),

  // A blocked prompt is a success without candidates.
  content_filter: (request) =>
    success(request, {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 8, totalTokenCount: 8 },
      modelVersion: request.model ?? 'unknown',
    }),
};

/** `google.rpc.Status`. */
export function rpcError(
  request: ErrorRequest,
  code: number,
  status: string,
  message: string,
  details: readonly JsonObject[] = [],
): ErrorReply {
  return refusal(request, code, { code, message, status, ...(details.length > 0 ? { details } : {}) });
}

function exhausted(request: ErrorRequest, metric: string, quotaId: string, quotaValue: string): ErrorReply {
  const wait = request.retryAfterMs;
  const quotaMetric = `generativelanguage.googleapis.com/${metric}`;
  const again = wait > 0 ? `\nPlease retry in ${protobufDuration(wait)}.` : '';
  return rpcError(
    request,
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

import type { ErrorRequest, ErrorTable } from '../contract.ts';
import { GEMINI_ERRORS, rpcError } from './errors.ts';

/** Vertex AI where it differs from the Gemini API: it knows tokens of OAuth and no keys, and tells no quota and no wait. */

export function isVertexPath(path: string): boolean {
  return path.includes('/projects/') || path.includes('/publishers/');
}

export const VERTEX_ERRORS: ErrorTable = {
  ...GEMINI_ERRORS,
  rate_limit: exhausted,
  token_limit: exhausted,
  quota: exhausted,
  invalid_key: (request) =>
    rpcError(
      request,
      401,
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
      [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED',
          domain: 'googleapis.com',
          metadata: { service: 'aiplatform.googleapis.com' },
        },
      ],
    ),
  model_not_found: (request) =>
    rpcError(
      request,
      404,
      'NOT_FOUND',
      `Publisher Model \`${/projects\/.*(?=:)/.exec(request.path)?.[0] ?? request.model ?? 'unknown'}\` was not found or your project does not have access to it. Please ensure you are using a valid model version. For more information, see: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions`,
    ),
};

function exhausted(request: ErrorRequest) {
  return rpcError(
    request,
    429,
    'RESOURCE_EXHAUSTED',
    'Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.',
  );
}

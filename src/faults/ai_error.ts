import { z } from 'zod';
import { formatDuration } from '../core/units.ts';
import { AI_ERROR_KINDS, type AiErrorKind } from '../protocols/http/providers/contract.ts';
import { providerOf } from '../protocols/http/providers/index.ts';
import { answerRequest } from './ai-request.ts';
import { choice, milliseconds } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  kind: choice('What the provider answers', AI_ERROR_KINDS, 'server_error'),
  retryAfter: milliseconds(
    'What a rate_limit or token_limit tells the client to wait, where the provider says it; 0 says nothing',
    1000,
  ),
});

/** Kinds whose answer says how long to wait. */
const WITH_WAIT: ReadonlySet<AiErrorKind> = new Set(['rate_limit', 'token_limit']);

export const aiError: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_error',
  readsBody: true,
  attributes,
  summary: "Answers with the provider's own error, or that of the gateway in front of it",
  undo: 'new requests are forwarded again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ kind, retryAfter }) => {
    const wait =
      WITH_WAIT.has(kind) && retryAfter > 0 ? `, to be retried after ${formatDuration(retryAfter)}` : '';
    return `answer each request with the provider's ${kind} error${wait}`;
  },
  create: (context) => ({
    request() {
      const { kind, retryAfter } = context.attributes;
      context.injected();
      const reply = providerOf(context.request.protocol).error(kind, {
        ...answerRequest(context),
        retryAfterMs: retryAfter,
      });
      return { do: 'reply', ...reply };
    },
  }),
};

import { z } from 'zod';
import { providerOf } from '../protocols/http/providers/index.ts';
import { estimateTokens } from '../protocols/http/tokens.ts';
import { answerRequest } from './ai-request.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({});

/** The provider says that all is well, and nothing else. Requests that ask for no completion are forwarded. */
export const aiEmpty: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_empty',
  readsBody: true,
  attributes,
  summary: 'Answers with status 200 and an empty completion',
  undo: 'new requests are forwarded again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: () => 'answer each request with an empty completion and status 200',
  create: (context) => ({
    request() {
      const { protocol, bodyBytes } = context.request;
      const reply = providerOf(protocol).empty(answerRequest(context), estimateTokens(bodyBytes));
      if (!reply) {
        context.skipped('not a completion');
        return { do: 'forward' };
      }
      context.injected();
      return { do: 'reply', ...reply };
    },
  }),
};

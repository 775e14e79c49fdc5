import { readEvent } from '../../events.ts';
import type { Provider } from '../contract.ts';
import { object, parseObject, sum } from '../json.ts';
import { ANTHROPIC_ERRORS, budgetHeaders, identityHeaders, requestId } from './errors.ts';
import { emptyMessage, finishMessage, MessageToolArgs } from './message.ts';

export const anthropic: Provider = {
  error: (kind, request) => ANTHROPIC_ERRORS[kind](request),

  empty(request, promptTokens) {
    if (!request.path.endsWith('/messages')) return undefined;
    return {
      status: 200,
      headers: {
        'content-type': request.streaming ? 'text/event-stream; charset=utf-8' : 'application/json',
        ...identityHeaders(requestId(request.random), request.random),
      },
      body: emptyMessage(request, promptTokens),
    };
  },

  // Its client passes over a frame without the name of an event.
  streamError(kind, request, { headers }) {
    const { error, request_id } = parseObject(ANTHROPIC_ERRORS[kind](request).body) ?? {};
    const failed = {
      type: 'error',
      error: { details: null, ...object(error) },
      // The head of the answer has told it already.
      request_id: headers['request-id'] ?? request_id,
    };
    return `event: error\ndata: ${JSON.stringify(failed)}\n\n`;
  },

  finish: finishMessage,
  cutToolArgs: (afterFragments) => new MessageToolArgs(afterFragments),
  budgetHeaders,
  // `input_tokens` leaves out what was cached, which counts against no limit.
  tokensUsed(json) {
    const usage = object((object(json.message) ?? json).usage);
    return { input: sum(usage, 'input_tokens'), output: sum(usage, 'output_tokens') };
  },
  carriesToken: (event) => readEvent(event).name === 'content_block_delta',
  streamMarks: {
    whole: /[\r\n]event: ?message_stop\b|"type"\s*:\s*"message_stop"/,
    failed: /[\r\n](?:event: ?error\b|data: ?\{\s*"type"\s*:\s*"error")/,
  },
};

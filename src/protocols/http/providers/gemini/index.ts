import { readEvent } from '../../events.ts';
import type { Provider } from '../contract.ts';
import { object, parseObject, sum } from '../json.ts';
import { ContentToolArgs, emptyContent, finishContent } from './content.ts';
import { GEMINI_ERRORS } from './errors.ts';

export const gemini: Provider = {
  error: (kind, request) => GEMINI_ERRORS[kind](request),

  empty(request, promptTokens) {
    if (!/:(generateContent|streamGenerateContent)$/.test(request.path)) return undefined;
    return {
      status: 200,
      headers: {
        'content-type': request.streaming ? 'text/event-stream' : 'application/json; charset=UTF-8',
      },
      body: emptyContent(request, promptTokens),
    };
  },

  streamError(kind, request) {
    return `data: ${JSON.stringify(parseObject(GEMINI_ERRORS[kind](request).body))}\r\n\r\n`;
  },

  finish: finishContent,
  cutToolArgs: (afterCalls) => new ContentToolArgs(afterCalls),
  // It sends none.
  budgetHeaders: () => ({}),
  tokensUsed(json) {
    const usage = object(json.usageMetadata);
    return {
      input: sum(usage, 'promptTokenCount'),
      output: sum(usage, 'candidatesTokenCount', 'thoughtsTokenCount'),
    };
  },
  carriesToken: (event) => readEvent(event).data.includes('"candidates"'),
};

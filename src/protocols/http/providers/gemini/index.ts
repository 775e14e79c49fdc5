import { readEvent } from '../../events.ts';
import type { ErrorTable, Provider } from '../contract.ts';
import { object, parseObject, sum } from '../json.ts';
import { ContentToolArgs, emptyContent, finishContent } from './content.ts';
import { GEMINI_ERRORS } from './errors.ts';
import { isVertexPath, VERTEX_ERRORS } from './vertex.ts';
import { lastPiece, success } from './wire.ts';

function errors({ path }: { readonly path: string }): ErrorTable {
  return isVertexPath(path) ? VERTEX_ERRORS : GEMINI_ERRORS;
}

export const gemini: Provider = {
  error: (kind, request) => errors(request)[kind](request),

  empty(request, promptTokens) {
    if (!/:(generateContent|streamGenerateContent)$/.test(request.path)) return undefined;
    return success(request, emptyContent(request, promptTokens));
  },

  streamError(kind, request, { index }) {
    const { body } = errors(request)[kind]({ ...request, array: false });
    return lastPiece(request, index, parseObject(body) ?? {});
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
  streamMarks: {
    whole: /"(?:finish|block)Reason"\s*:\s*"/,
    failed: /[\r\n](?:data: ?|[[,][\r\n]*)?\{\s*"error"\s*:\s*\{/,
  },
};

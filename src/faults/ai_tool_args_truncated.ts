import { z } from 'zod';
import { providerOf } from '../protocols/http/providers/index.ts';
import { unlessCompressed } from './ai-answer.ts';
import { rewriteEvent, rewriteWhole } from './ai-rewrite.ts';
import { count } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  afterEvents: count(
    'Whole fragments of arguments that pass before one is cut in half, and the rest never comes',
  ),
});

/**
 * Ends a completion within the arguments of a tool, as if it had grown too long. Where arguments come as an object and not
 * as text (Gemini, and Anthropic outside streams) half of its members are lost.
 */
export const aiToolArgsTruncated: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_tool_args_truncated',
  attributes,
  summary: 'Ends a completion within the arguments of a tool call',
  undo: 'new tool calls are whole again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ afterEvents }) =>
    `cut the arguments of tool calls off after ${afterEvents} fragments, and end the completion for its length`,
  create(context) {
    const cut = providerOf(context.request.protocol).cutToolArgs(context.attributes.afterEvents);
    const noting = <T>(result: T): T => {
      if (cut.done) context.injected();
      return result;
    };
    return {
      head: unlessCompressed(context),
      event: (event) => noting(rewriteEvent(event, (json) => cut.event(json))),
      whole: (body) => noting(rewriteWhole(body, (json) => cut.whole(json))),
      end() {
        context.skipped('no arguments to cut');
        return { do: 'pass' };
      },
    };
  },
};

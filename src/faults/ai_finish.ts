import { z } from 'zod';
import { FINISH_REASONS, type JsonObject } from '../protocols/http/providers/contract.ts';
import { providerOf } from '../protocols/http/providers/index.ts';
import { unlessCompressed } from './ai-answer.ts';
import { rewriteEvent, rewriteWhole } from './ai-rewrite.ts';
import { choice } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  reason: choice(
    "Why the completion ended, told in the provider's own words where it has some",
    FINISH_REASONS,
    'length',
  ),
});

/** The content stays as it came: what changes is only why it ended. */
export const aiFinish: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_finish',
  attributes,
  summary: 'Says that a completion ended for another reason',
  undo: 'new completions end as the provider says',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ reason }) => `say of each completion that it ended with ${reason}`,
  create(context) {
    const provider = providerOf(context.request.protocol);
    const { reason } = context.attributes;
    const rewrite = (json: JsonObject) => {
      const finished = provider.finish(json, reason);
      if (finished) context.injected();
      return finished ?? json;
    };
    return {
      head: unlessCompressed(context),
      event: (event) => rewriteEvent(event, rewrite),
      whole: (body) => rewriteWhole(body, rewrite),
      end() {
        context.skipped('no such end');
        return { do: 'pass' };
      },
    };
  },
};

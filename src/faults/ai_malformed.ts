import { z } from 'zod';
import { readEvent, withData } from '../protocols/http/events.ts';
import { unlessCompressed } from './ai-answer.ts';
import { count } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  afterEvents: count(
    'Whole events that pass before one is broken; of an answer that is not a stream the body is broken',
  ),
});

/**
 * Breaks JSON off in the middle, in a transfer that is otherwise whole. The first event behind those that pass is broken,
 * of those that clients read: `[DONE]` is no JSON, and a `ping` nobody parses.
 */
export const aiMalformed: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_malformed',
  attributes,
  summary: 'Breaks the JSON of one event of a stream, or of a whole answer',
  undo: 'new answers are well-formed again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ afterEvents }) =>
    `break the JSON of one event of each stream after ${afterEvents} events, or of the answer`,
  create(context) {
    const { afterEvents } = context.attributes;
    let done = false;
    return {
      head: unlessCompressed(context),
      event(event, index) {
        const { name, data } = readEvent(event);
        if (done || index < afterEvents || name === 'ping' || !isObject(data)) return { do: 'pass' };
        done = true;
        context.injected();
        return { do: 'replace', with: withData(event, half(data)) };
      },
      whole(body) {
        const text = body.toString('utf8');
        if (!isObject(text)) return { do: 'pass' };
        context.injected();
        return { do: 'replace', with: Buffer.from(half(text)) };
      },
      end() {
        context.skipped('nothing to break');
        return { do: 'pass' };
      },
    };
  },
};

/** An object that lacks its end is never JSON, wherever it is broken off. */
function half(json: string): string {
  const text = json.trim();
  return text.slice(0, Math.ceil(text.length / 2));
}

function isObject(text: string): boolean {
  return /^\s*\{/.test(text);
}

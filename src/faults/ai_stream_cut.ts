import { z } from 'zod';
import { streamsOnly } from './ai-answer.ts';
import { choice, count } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  afterEvents: count('Whole events that pass before the stream is cut'),
  with: choice(
    'How it ends: connection reset, connection closed within the transfer, or a transfer that ends well without its terminator',
    ['rst', 'fin', 'clean'],
    'rst',
  ),
});

const HOW = {
  rst: 'reset the connection of',
  fin: 'close the connection of',
  clean: 'end, as if it were whole,',
} as const;

export const aiStreamCut: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_stream_cut',
  attributes,
  summary: 'Cuts a stream off in the midst',
  undo: 'new streams are whole again; those that were cut stay so',
  endsConnections: true,
  addedLatency: () => 0,
  explain: ({ afterEvents, with: how }) => `${HOW[how]} each stream after ${afterEvents} events`,
  create(context) {
    const { afterEvents, with: how } = context.attributes;
    return {
      head: streamsOnly(context),
      event(_, index) {
        if (index < afterEvents) return { do: 'pass' };
        context.injected();
        return { do: 'cut', how };
      },
      end() {
        context.skipped('stream too short');
        return { do: 'pass' };
      },
    };
  },
};

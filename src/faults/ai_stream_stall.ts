import { z } from 'zod';
import { formatDuration } from '../core/units.ts';
import { streamsOnly } from './ai-answer.ts';
import { count, milliseconds } from './attributes.ts';
import type { HttpFault } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  afterEvents: count('Whole events that pass before the stream stops'),
  stall: milliseconds('How long the stream stops; 0: until the fault is taken back'),
});

/** Stops a stream with its connection open: no time-out of an SDK that ends with the response's head sees it. */
export const aiStreamStall: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_stream_stall',
  attributes,
  summary: 'Stops a stream in the midst, with its connection open',
  undo: 'stalled streams go on at once, with nothing lost',
  endsConnections: false,
  addedLatency: ({ stall }) => (stall > 0 ? stall : Number.POSITIVE_INFINITY),
  explain: ({ afterEvents, stall }) =>
    `stall each stream after ${afterEvents} events${stall > 0 ? ` for ${formatDuration(stall)}` : ' until taken back'}`,
  create(context) {
    const { afterEvents } = context.attributes;
    return {
      head: streamsOnly(context),
      async event(_, index) {
        if (index !== afterEvents) return { do: 'pass' };
        const { stall } = context.attributes;
        context.injected();
        await context.hold(stall > 0 ? stall : Number.POSITIVE_INFINITY);
        return { do: 'pass' };
      },
      end() {
        context.skipped('stream too short');
        return { do: 'pass' };
      },
    };
  },
};

import { z } from 'zod';
import { readEvent } from '../protocols/http/events.ts';
import {
  type JsonObject,
  STREAM_ERROR_KINDS,
  STREAM_ERROR_SHAPES,
} from '../protocols/http/providers/contract.ts';
import { providerOf } from '../protocols/http/providers/index.ts';
import { parseObject } from '../protocols/http/providers/json.ts';
import { streamsOnly } from './ai-answer.ts';
import { answerRequest } from './ai-request.ts';
import { choice, count } from './attributes.ts';
import type { HttpFault, ResponseHead } from './contract.ts';
import { ON_AI } from './on-http.ts';

const attributes = z.strictObject({
  afterEvents: count('Whole events that pass before the error; 0: it is the first'),
  kind: choice('What the provider says', STREAM_ERROR_KINDS, 'server_error'),
  shape: choice(
    "On OpenAI's Responses API: an `error` event whose error is nested, one that is flat, or a response that failed",
    STREAM_ERROR_SHAPES,
    'nested',
  ),
});

/** A stream that began well with status 200 ends with an error: no retry that looks at the status sees it. */
export const aiStreamError: HttpFault<z.output<typeof attributes>> = {
  ...ON_AI,
  type: 'ai_stream_error',
  readsBody: true,
  attributes,
  summary: "Ends a stream with the provider's error in an event, behind status 200",
  undo: 'new streams are whole again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ afterEvents, kind }) =>
    `end each stream after ${afterEvents} events with the provider's ${kind} error, behind status 200`,
  create(context) {
    const { afterEvents, kind, shape } = context.attributes;
    const forStreams = streamsOnly(context);
    let headers: ResponseHead['headers'] = {};
    let first: JsonObject = {};
    return {
      head(answer) {
        ({ headers } = answer);
        return forStreams(answer);
      },
      event(event, index) {
        const json = () => parseObject(readEvent(event).data) ?? {};
        if (index === 0) first = json();
        if (index < afterEvents) return { do: 'pass' };
        context.injected();
        const frame = providerOf(context.request.protocol).streamError(
          kind,
          { ...answerRequest(context), retryAfterMs: 0 },
          { shape, first, current: json(), index, headers },
        );
        return { do: 'cut', how: 'clean', before: Buffer.from(frame) };
      },
      end() {
        context.skipped('stream too short');
        return { do: 'pass' };
      },
    };
  },
};

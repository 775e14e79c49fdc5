import type { AnswerRequest, FinishReason, JsonObject, ToolArgsCut } from '../contract.ts';
import { letters } from '../ids.ts';
import { Fragments, halfOf, object, objects, text } from '../json.ts';

/** Messages of the Anthropic API: whole, and as the events of a stream. */

/** A message without content, as JSON or as the body of a stream. */
export function emptyMessage({ model, streaming, random }: AnswerRequest, promptTokens: number): string {
  const message = {
    id: `msg_01${letters(random, 22)}`,
    type: 'message',
    role: 'assistant',
    model: model ?? 'unknown',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: promptTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
      service_tier: 'standard',
    },
  };
  if (!streaming) return JSON.stringify({ ...message, stop_reason: 'end_turn' });
  const delta = { stop_reason: 'end_turn', stop_sequence: null };
  return [
    { type: 'message_start', message },
    { type: 'message_delta', delta, usage: { output_tokens: 0 } },
    { type: 'message_stop' },
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

const REASONS: Readonly<Record<FinishReason, string>> = {
  length: 'max_tokens',
  content_filter: 'refusal',
  stop: 'end_turn',
  tool_calls: 'tool_use',
};

/** `stop_reason` of a message, or of the event that tells it; null while a stream goes on. */
export function finishMessage(json: JsonObject, reason: FinishReason): JsonObject | undefined {
  const stop_reason = REASONS[reason];
  if (typeof json.stop_reason === 'string') return { ...json, stop_reason };
  const delta = object(json.delta);
  return typeof delta?.stop_reason === 'string' ? { ...json, delta: { ...delta, stop_reason } } : undefined;
}

export class MessageToolArgs implements ToolArgsCut {
  readonly #fragments: Fragments;
  /** Content blocks that began too late. */
  readonly #late = new Set<unknown>();

  constructor(afterFragments: number) {
    this.#fragments = new Fragments(afterFragments);
  }

  get done(): boolean {
    return this.#fragments.done;
  }

  event(json: JsonObject): JsonObject | undefined {
    const delta = object(json.delta);
    if (!this.done) {
      const fragment = text(delta?.partial_json);
      if (delta?.type !== 'input_json_delta' || fragment === '') return json;
      const partial_json = this.#fragments.pass(fragment);
      return this.done ? { ...json, delta: { ...delta, partial_json } } : json;
    }
    if (json.type === 'content_block_start') this.#late.add(json.index);
    if (json.type === 'content_block_delta' || this.#late.has(json.index)) return undefined;
    return finishMessage(json, 'length') ?? json;
  }

  /** Here a whole message has arguments as an object. */
  whole(json: JsonObject): JsonObject {
    const content = [...objects(json.content)];
    const last = content.findLastIndex(({ type }) => type === 'tool_use');
    if (last < 0) return json;
    this.#fragments.done = true;
    content[last] = { ...content[last], input: halfOf(content[last]!.input) };
    const cut = { ...json, content: content.slice(0, last + 1) };
    return finishMessage(cut, 'length') ?? cut;
  }
}

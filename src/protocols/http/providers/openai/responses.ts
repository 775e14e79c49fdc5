import type { AnswerRequest, FinishReason, JsonObject, StreamPlace, ToolArgsCut } from '../contract.ts';
import { hex } from '../ids.ts';
import { Fragments, half, object, objects, text } from '../json.ts';

/** The Responses API: whole, and as the events of a stream, which have names and no `[DONE]` behind them. */

/** A response of no token, as JSON or as the body of a stream. */
export function emptyResponse(
  { model, streaming, wall, random }: AnswerRequest,
  promptTokens: number,
): string {
  const open = {
    id: `resp_${hex(random, 48)}`,
    object: 'response',
    created_at: Math.floor(wall / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: model ?? 'unknown',
    output: [],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: null,
  };
  const usage = {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens,
  };
  const completed = { ...open, status: 'completed', usage };
  if (!streaming) return JSON.stringify(completed);
  return (
    [
      ['response.created', open],
      ['response.in_progress', open],
      ['response.completed', completed],
    ] as const
  )
    .map(([type, response], sequence_number) => named({ type, sequence_number, response }))
    .join('');
}

/** An error in place of `current`, in one of the forms in which the API has been seen to send it. */
export function responseError(error: JsonObject, { shape, first, current }: StreamPlace): string {
  const { sequence_number } = current;
  const { type, message, param = null } = error;
  const code = error.code ?? type;
  if (shape === 'flat') return named({ type: 'error', code, message, param, sequence_number });
  if (shape === 'nested') {
    return named({ type: 'error', error: { type, code, message, param }, sequence_number });
  }
  const response = {
    object: 'response',
    output: [],
    ...object(first.response),
    status: 'failed',
    error: { code, message },
    usage: null,
  };
  return named({ type: 'response.failed', response, sequence_number });
}

function named(event: JsonObject): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const INCOMPLETE: Partial<Record<FinishReason, string>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

export function isResponses(json: JsonObject): boolean {
  return json.object === 'response' || text(json.type).startsWith('response.');
}

/** A response that ended for its length or its content is `incomplete`, and its last event has that name. */
export function finishResponse(json: JsonObject, reason: FinishReason): JsonObject | undefined {
  if (json.object !== 'response') {
    if (!/^response\.(completed|incomplete)$/.test(text(json.type))) return undefined;
    const response = finishResponse(object(json.response) ?? {}, reason);
    return response && { ...json, type: `response.${response.status}`, response };
  }
  if (json.status !== 'completed' && json.status !== 'incomplete') return undefined;
  const why = INCOMPLETE[reason];
  if (why) {
    const output = objects(json.output).map((item, index, items) =>
      index === items.length - 1 && item.status ? { ...item, status: 'incomplete' } : item,
    );
    return { ...json, status: 'incomplete', incomplete_details: { reason: why }, output };
  }
  return reason === 'stop' ? { ...json, status: 'completed', incomplete_details: null } : undefined;
}

export class ResponseToolArgs implements ToolArgsCut {
  readonly #fragments: Fragments;
  /** What has passed of each item's arguments. */
  readonly #passed = new Map<unknown, string>();
  /** Items that began too late. */
  readonly #late = new Set<unknown>();

  constructor(afterFragments: number) {
    this.#fragments = new Fragments(afterFragments);
  }

  get done(): boolean {
    return this.#fragments.done;
  }

  event(json: JsonObject): JsonObject | undefined {
    const item = object(json.item);
    if (this.#late.has(json.item_id ?? item?.id)) return undefined;
    if (json.type === 'response.function_call_arguments.delta' && !this.done) {
      const delta = this.#fragments.pass(text(json.delta));
      this.#passed.set(json.item_id, (this.#passed.get(json.item_id) ?? '') + delta);
      return this.done ? { ...json, delta } : json;
    }
    if (!this.done) return json;
    switch (json.type) {
      case 'response.output_item.added':
        this.#late.add(item?.id);
        return undefined;
      case 'response.function_call_arguments.done':
        return { ...json, arguments: this.#passed.get(json.item_id) ?? '' };
      case 'response.output_item.done':
        return { ...json, item: this.#cut(item ?? {}) };
    }
    if (text(json.type).endsWith('.delta')) return undefined;
    const response = object(json.response);
    if (!response) return json;
    const output = objects(response.output)
      .filter(({ id }) => !this.#late.has(id))
      .map((made) => this.#cut(made));
    const cut = { ...json, response: { ...response, output } };
    return finishResponse(cut, 'length') ?? cut;
  }

  whole(json: JsonObject): JsonObject {
    const output = [...objects(json.output)];
    const last = output.findLastIndex(({ type }) => type === 'function_call');
    if (last < 0) return json;
    this.#fragments.done = true;
    output[last] = { ...output[last], arguments: half(text(output[last]!.arguments)) };
    const cut = { ...json, output: output.slice(0, last + 1) };
    return finishResponse(cut, 'length') ?? cut;
  }

  #cut(item: JsonObject): JsonObject {
    if (item.type !== 'function_call') return item;
    const passed = this.#passed.get(item.id) ?? '';
    const whole = passed === item.arguments;
    return { ...item, arguments: passed, ...(item.status && !whole ? { status: 'incomplete' } : {}) };
  }
}

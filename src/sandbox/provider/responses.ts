import type { Completion } from './chat.ts';

/** The JSON shapes of `/v1/responses`, whole and as the events of a stream. */

export interface ResponsesRequest {
  readonly model?: string;
  readonly input?: unknown;
  readonly stream?: boolean;
}

export interface ResponseUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

function message(id: string, status: string, text: string) {
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { id, type: 'message', role: 'assistant', status, content: status === 'completed' ? content : [] };
}

export function wholeResponse(of: Completion, messageId: string, text: string, usage: ResponseUsage) {
  return {
    ...openResponse(of),
    status: 'completed',
    output: [message(messageId, 'completed', text)],
    usage,
  };
}

function openResponse(of: Completion) {
  return {
    id: of.id,
    object: 'response',
    created_at: of.created,
    status: 'in_progress',
    model: of.model,
    error: null,
    incomplete_details: null,
    output: [] as object[],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: null as ResponseUsage | null,
  };
}

/** The events of a streamed response in OpenAI's order; there is no `[DONE]` after them. */
export function* eventsOf(
  of: Completion,
  messageId: string,
  tokens: readonly string[],
  usage: ResponseUsage,
): Generator<{ type: string }> {
  let sequence_number = 0;
  const event = (type: string, rest: object) => ({ type, ...rest, sequence_number: sequence_number++ });
  const text = tokens.join('');
  const place = { item_id: messageId, output_index: 0, content_index: 0 };
  yield event('response.created', { response: openResponse(of) });
  yield event('response.in_progress', { response: openResponse(of) });
  yield event('response.output_item.added', { output_index: 0, item: message(messageId, 'in_progress', '') });
  const part = (value: string) => ({ type: 'output_text', text: value, annotations: [] });
  yield event('response.content_part.added', { ...place, part: part('') });
  for (const delta of tokens) yield event('response.output_text.delta', { ...place, delta });
  yield event('response.output_text.done', { ...place, text });
  yield event('response.content_part.done', { ...place, part: part(text) });
  yield event('response.output_item.done', { output_index: 0, item: message(messageId, 'completed', text) });
  yield event('response.completed', { response: wholeResponse(of, messageId, text, usage) });
}

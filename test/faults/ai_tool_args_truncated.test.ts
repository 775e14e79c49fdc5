import { afterEach, describe, expect, it } from 'vitest';
import { aiToolArgsTruncated } from '../../src/faults/ai_tool_args_truncated.ts';
import type { BodyAct } from '../../src/faults/contract.ts';
import { readEvent } from '../../src/protocols/http/events.ts';
import { playHttp, read } from './http-play.ts';
import { dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

type Json = ReturnType<typeof JSON.parse>;

/** What a stream of JSON events becomes. */
function play(protocol: 'openai' | 'anthropic' | 'gemini', afterEvents: number, events: readonly Json[]) {
  const { behaviour, counts } = playHttp(aiToolArgsTruncated, { afterEvents }, { protocol });
  const out: Json[] = [];
  for (const [index, json] of events.entries()) {
    const name = json.type ? `event: ${json.type}\n` : '';
    const event = Buffer.from(`${name}data: ${JSON.stringify(json)}\n\n`);
    const act = behaviour.event?.(event, index) as BodyAct;
    const bytes = act.do === 'replace' ? act.with : event;
    if (bytes.length > 0) out.push(JSON.parse(readEvent(bytes).data));
  }
  behaviour.end?.();
  return { out, counts };
}

function whole(protocol: 'openai' | 'anthropic' | 'gemini', body: Json): Json {
  const act = playHttp(aiToolArgsTruncated, {}, { protocol }).behaviour.whole?.(
    Buffer.from(JSON.stringify(body)),
  ) as { with: Buffer };
  return JSON.parse(act.with.toString());
}

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'c',
  choices: [{ index: 0, delta, finish_reason }],
});
const args = (text: string, first: object = {}) =>
  chunk({ tool_calls: [{ index: 0, ...first, function: { arguments: text } }] });
const CALL = [
  chunk({ role: 'assistant', content: null }),
  args('', { id: 'call_1', type: 'function' }),
  args('{"ci'),
  args('ty":"'),
  args('Rome"}'),
  chunk({ tool_calls: [{ index: 1, id: 'call_2', function: { name: 'g', arguments: '' } }] }),
  chunk({}, 'tool_calls'),
  { id: 'c', choices: [], usage: { total_tokens: 9 } },
];
const joined = (events: Json[]) =>
  events
    .flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])
    .map((call: Json) => call.function.arguments)
    .join('');

describe('ai_tool_args_truncated', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it.each([
    [0, '{"'],
    [1, '{"city'],
    [2, '{"city":"Rom'],
  ])('lets %d fragments of a chat completion pass and half of the next: %s', (afterEvents, text) => {
    const { out, counts } = play('openai', afterEvents, CALL);
    expect(joined(out)).toBe(text);
    expect(out.at(-2).choices).toEqual([{ index: 0, delta: {}, finish_reason: 'length' }]);
    expect(out.at(-1).usage).toEqual({ total_tokens: 9 });
    expect(JSON.stringify(out)).not.toContain('call_2');
    expect(counts).toMatchObject({ skipped: ['no arguments to cut'] });
    expect(counts.injected).toBeGreaterThan(0);
  });

  it('leaves a completion alone whose arguments come in no more fragments', () => {
    const { out, counts } = play('openai', 3, CALL);
    expect(out).toEqual(CALL);
    expect(counts).toEqual({ injected: 0, skipped: ['no arguments to cut'] });
  });

  it('ends a response as incomplete, its arguments cut wherever they are told', () => {
    const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'f', status: 'completed' };
    const text = '{"city":"Rome"}';
    const { out } = play('openai', 1, [
      { type: 'response.created', response: { object: 'response', status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: '{"city' },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: '":"Ro' },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: 'me"}' },
      { type: 'response.function_call_arguments.done', item_id: 'fc_1', arguments: text },
      { type: 'response.output_item.done', output_index: 0, item: { ...item, arguments: text } },
      { type: 'response.output_item.added', output_index: 1, item: { ...item, id: 'fc_2', arguments: '' } },
      { type: 'response.function_call_arguments.done', item_id: 'fc_2', arguments: text },
      {
        type: 'response.completed',
        response: {
          object: 'response',
          status: 'completed',
          output: [
            { ...item, arguments: text },
            { ...item, id: 'fc_2', arguments: text },
          ],
        },
      },
    ]);
    expect(out.slice(2)).toMatchObject([
      { delta: '{"city' },
      { delta: '":' },
      { type: 'response.function_call_arguments.done', arguments: '{"city":' },
      { item: { arguments: '{"city":', status: 'incomplete' } },
      {
        type: 'response.incomplete',
        response: {
          status: 'incomplete',
          incomplete_details: { reason: 'max_output_tokens' },
          output: [{ id: 'fc_1', arguments: '{"city":' }],
        },
      },
    ]);
    expect(JSON.stringify(out)).not.toContain('fc_2');
  });

  it('ends a message with max_tokens, and closes the block that it cut', () => {
    const { out } = play('anthropic', 1, [
      { type: 'message_start', message: {} },
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"ci' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: 'ty":1}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'x' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 4 } },
      { type: 'message_stop' },
    ]);
    expect(out.slice(3)).toMatchObject([
      { delta: { partial_json: '{"ci' } },
      { delta: { partial_json: 'ty"' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'max_tokens' } },
      { type: 'message_stop' },
    ]);
  });

  it('takes half of the members where arguments are an object', () => {
    const input = { a: 1, b: 2, c: 3 };
    expect(
      whole('anthropic', {
        type: 'message',
        stop_reason: 'tool_use',
        content: [{ type: 'tool_use', input }],
      }),
    ).toMatchObject({ stop_reason: 'max_tokens', content: [{ input: { a: 1 } }] });
    expect(
      play('gemini', 0, [
        {
          candidates: [
            { content: { parts: [{ functionCall: { name: 'f', args: input } }] }, finishReason: 'STOP' },
          ],
        },
      ]).out,
    ).toEqual([
      {
        candidates: [
          {
            content: { parts: [{ functionCall: { name: 'f', args: { a: 1 } } }] },
            finishReason: 'MAX_TOKENS',
          },
        ],
      },
    ]);
  });

  it('cuts the arguments of an answer that is not a stream', () => {
    const call = { id: 'call_1', function: { name: 'f', arguments: '{"city":1}' } };
    expect(
      whole('openai', { choices: [{ message: { tool_calls: [call] }, finish_reason: 'tool_calls' }] }),
    ).toEqual({
      choices: [
        {
          message: { tool_calls: [{ ...call, function: { name: 'f', arguments: '{"cit' } }] },
          finish_reason: 'length',
        },
      ],
    });
    expect(
      whole('openai', {
        object: 'response',
        status: 'completed',
        output: [{ type: 'function_call', arguments: '{"city":1}' }],
      }),
    ).toMatchObject({ status: 'incomplete', output: [{ arguments: '{"cit' }] });
  });

  it('explains itself', () => {
    expect(aiToolArgsTruncated.explain(read(aiToolArgsTruncated, { afterEvents: 2 }) as never)).toBe(
      'cut the arguments of tool calls off after 2 fragments, and end the completion for its length',
    );
  });

  it('leaves nothing of the dropped fragments in a real stream', async () => {
    stage = await stageHttp(aiToolArgsTruncated, { afterEvents: 1 }, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of CALL) response.write(`data: ${JSON.stringify(event)}\n\n`);
      response.end('data: [DONE]\n\n');
    });
    stage.client.send(POST);
    await stage.client.sees('[DONE]');
    const events = dechunk(stage.client.text).split('\n\n').slice(0, -2);
    expect(joined(events.map((event) => JSON.parse(event.slice(6))))).toBe('{"city');
    expect(stage.fault.counts).toMatchObject({ matched: 1, injected: 1 });
  });
});

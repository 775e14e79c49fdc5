import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AiAnswer, type AiStage, failure, readAll, startAiStage } from './ai-stage.ts';

const OPEN = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model: 'gpt-4o',
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  output: [] as object[],
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
  usage: null as object | null,
};
const USAGE = { input_tokens: 4, output_tokens: 6, total_tokens: 10 };

function stream(...events: { readonly type: string; readonly [key: string]: unknown }[]): string[] {
  return events.map(
    (event, sequence_number) =>
      `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`,
  );
}

function message(text: string, status: string) {
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { id: 'msg_1', type: 'message', role: 'assistant', status, content };
}
const PART = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const TEXT_WHOLE = { ...OPEN, status: 'completed', output: [message('One two', 'completed')], usage: USAGE };
const TEXT: AiAnswer = {
  whole: TEXT_WHOLE,
  events: stream(
    { type: 'response.created', response: OPEN },
    { type: 'response.in_progress', response: OPEN },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...message('', 'in_progress'), content: [] },
    },
    {
      type: 'response.content_part.added',
      ...PART,
      part: { type: 'output_text', text: '', annotations: [] },
    },
    { type: 'response.output_text.delta', ...PART, delta: 'One' },
    { type: 'response.output_text.delta', ...PART, delta: ' two' },
    { type: 'response.output_text.done', ...PART, text: 'One two' },
    { type: 'response.output_item.done', output_index: 0, item: message('One two', 'completed') },
    { type: 'response.completed', response: TEXT_WHOLE },
  ),
};

const call = (args: string, status: string) => ({
  id: 'fc_1',
  type: 'function_call',
  call_id: 'call_1',
  name: 'weather',
  arguments: args,
  status,
});
const ARGS = { item_id: 'fc_1', output_index: 0 };
const TOOL_WHOLE = {
  ...OPEN,
  status: 'completed',
  output: [call('{"city":"Rome"}', 'completed')],
  usage: USAGE,
};
const TOOL: AiAnswer = {
  whole: TOOL_WHOLE,
  events: stream(
    { type: 'response.created', response: OPEN },
    { type: 'response.output_item.added', output_index: 0, item: call('', 'in_progress') },
    { type: 'response.function_call_arguments.delta', ...ARGS, delta: '{"city"' },
    { type: 'response.function_call_arguments.delta', ...ARGS, delta: ':"Rome"}' },
    { type: 'response.function_call_arguments.done', ...ARGS, arguments: '{"city":"Rome"}' },
    { type: 'response.output_item.done', output_index: 0, item: call('{"city":"Rome"}', 'completed') },
    { type: 'response.completed', response: TOOL_WHOLE },
  ),
};

const ASK = { model: 'gpt-4o', input: 'Count' };

describe('The Responses API of the official OpenAI client', () => {
  let stage: AiStage;
  let client: OpenAI;
  beforeAll(async () => {
    stage = await startAiStage('openai', TEXT);
    client = new OpenAI({ apiKey: 'sk-marked-key', baseURL: `${stage.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.empty();
    stage.read = 0;
    stage.answer = TEXT;
  });

  const create = () => client.responses.create(ASK);
  const raw = async () => readAll(stage, await client.responses.create({ ...ASK, stream: true }));
  const helper = () => {
    stage.read = Number.POSITIVE_INFINITY;
    return client.responses.stream(ASK).finalResponse();
  };
  const last = (seen: OpenAI.Responses.ResponseStreamEvent[]) =>
    seen.at(-1) as { type: string; response: OpenAI.Responses.Response };

  it('throws an APIError at a nested error, whatever has come before', async () => {
    for (const afterEvents of [0, 5]) {
      stage.read = 0;
      stage.inject('ai_stream_error', { afterEvents, kind: 'rate_limit' });
      const { seen, error } = await raw();
      expect(seen).toHaveLength(afterEvents);
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject({ code: 'rate_limit_exceeded' });
    }
  });

  it('yields a flat error as one more event, and does not throw', async () => {
    stage.inject('ai_stream_error', { afterEvents: 2, shape: 'flat' });
    const { seen, error } = await raw();
    expect(error).toBeUndefined();
    expect(seen.at(-1)).toMatchObject({ type: 'error', code: 'server_error', sequence_number: 2 });
  });

  it('resolves with a response that failed, and does not throw', async () => {
    stage.inject('ai_stream_error', { afterEvents: 2, shape: 'failed' });
    const { seen, error } = await raw();
    expect(error).toBeUndefined();
    expect(last(seen)).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
    stage.read = 0;
    expect(await helper()).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
  });

  it('resolves with a response in progress when the stream ends well after its first event', async () => {
    stage.inject('ai_stream_cut', { afterEvents: 1, with: 'clean' });
    expect(await helper()).toMatchObject({ status: 'in_progress' });
  });

  it('throws a SyntaxError at an event whose JSON is broken', async () => {
    stage.inject('ai_malformed', { afterEvents: 1 });
    const { seen, error } = await raw();
    expect(seen).toHaveLength(1);
    expect(error).toBeInstanceOf(SyntaxError);
  });

  it('is told of an empty response that it is complete', async () => {
    stage.inject('ai_empty');
    expect(await create()).toMatchObject({ status: 'completed', output_text: '', output: [] });
    expect(await helper()).toMatchObject({ status: 'completed', output: [] });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ])('is told of %s that a response is incomplete for %s', async (reason, told) => {
    stage.inject('ai_finish', { reason });
    const incomplete = { status: 'incomplete', incomplete_details: { reason: told } };
    expect(await create()).toMatchObject({ ...incomplete, output_text: 'One two' });
    const { seen } = await raw();
    expect(last(seen)).toMatchObject({ type: 'response.incomplete', response: incomplete });
    expect(await helper()).toMatchObject(incomplete);
  });

  it('gets the arguments of a tool in part, everywhere the same', async () => {
    stage.answer = TOOL;
    stage.inject('ai_tool_args_truncated', { afterEvents: 1 });
    const { seen, error } = await raw();
    expect(error).toBeUndefined();
    const cut = { arguments: '{"city":"Ro' };
    expect(seen.slice(4)).toMatchObject([
      cut,
      { item: { ...cut, status: 'incomplete' } },
      { type: 'response.incomplete', response: { status: 'incomplete', output: [cut] } },
    ]);
    expect((await create()).output).toMatchObject([{ arguments: '{"city"' }]);
  });

  it('is refused beyond its tokens, which responses use up', async () => {
    stage.inject('rate_limit', { requestsPerMinute: 0, tokensPerMinute: 30 });
    const outcomes: unknown[] = [];
    for (let request = 0; request < 4; request++) outcomes.push(await create().catch((error) => error));
    const refused = outcomes.filter((outcome) => outcome instanceof OpenAI.RateLimitError);
    expect(refused.length).toBeGreaterThan(0);
    expect(await failure(create())).toMatchObject({ type: 'tokens', code: 'rate_limit_exceeded' });
  });
});

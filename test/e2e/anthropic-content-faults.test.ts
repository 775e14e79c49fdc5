import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AiAnswer, type AiStage, failure, readAll, startAiStage } from './ai-stage.ts';

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-in-a-test',
  content: [] as object[],
  stop_reason: null as string | null,
  stop_sequence: null,
  usage: { input_tokens: 4, output_tokens: 1 },
};

function stream(block: object, deltas: readonly object[], stop_reason: string): string[] {
  return [
    { type: 'message_start', message: MESSAGE },
    { type: 'content_block_start', index: 0, content_block: block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 6 } },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

const TEXT: AiAnswer = {
  whole: { ...MESSAGE, content: [{ type: 'text', text: 'One two' }], stop_reason: 'end_turn' },
  events: stream(
    { type: 'text', text: '' },
    ['One', ' two'].map((text) => ({ type: 'text_delta', text })),
    'end_turn',
  ),
};
const USE = { type: 'tool_use', id: 'toolu_1', name: 'weather' };
const TOOL: AiAnswer = {
  whole: { ...MESSAGE, content: [{ ...USE, input: { city: 'Rome', unit: 'C' } }], stop_reason: 'tool_use' },
  events: stream(
    { ...USE, input: {} },
    ['', '{"city":"Rome",', '"unit":"C"}'].map((partial_json) => ({
      type: 'input_json_delta',
      partial_json,
    })),
    'tool_use',
  ),
};
const ASK = {
  model: 'claude-in-a-test',
  max_tokens: 16,
  messages: [{ role: 'user' as const, content: 'Count' }],
};

describe('The official Anthropic client, whose answers are changed on their way', () => {
  let stage: AiStage;
  let client: Anthropic;
  beforeAll(async () => {
    stage = await startAiStage('anthropic', TEXT);
    client = new Anthropic({ apiKey: 'sk-ant-marked-key', baseURL: stage.url, maxRetries: 0 });
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.empty();
    stage.read = 0;
    stage.answer = TEXT;
  });

  const create = () => client.messages.create(ASK);
  const raw = async () => readAll(stage, await client.messages.create({ ...ASK, stream: true }));
  const helper = () => {
    stage.read = Number.POSITIVE_INFINITY;
    return client.messages.stream(ASK).finalMessage();
  };

  it.each([0, 3])('throws an APIError without a status at an error after %d events', async (afterEvents) => {
    stage.inject('ai_stream_error', { afterEvents, kind: 'overloaded' });
    const { seen, error } = await raw();
    expect(seen).toHaveLength(afterEvents);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ status: undefined });
    expect(error?.message).toContain('overloaded_error');
    expect(await failure(helper())).toBeInstanceOf(Anthropic.APIError);
  });

  it('throws a SyntaxError, which is no APIError, at an event whose JSON is broken', async () => {
    stage.inject('ai_malformed', { afterEvents: 2 });
    const { seen, error } = await raw();
    expect(seen).toHaveLength(2);
    expect(error).toBeInstanceOf(SyntaxError);
    expect(error).not.toBeInstanceOf(Anthropic.APIError);
  });

  it('is told of an empty message that the turn has ended', async () => {
    stage.inject('ai_empty');
    const empty = { content: [], stop_reason: 'end_turn' };
    expect(await create()).toMatchObject(empty);
    expect(await helper()).toMatchObject(empty);
  });

  it.each([
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
  ])('is told of %s as %s', async (reason, stop_reason) => {
    stage.inject('ai_finish', { reason });
    expect(await create()).toMatchObject({ stop_reason, content: [{ text: 'One two' }] });
    expect(await helper()).toMatchObject({ stop_reason, content: [{ text: 'One two' }] });
  });

  it('has its stream helper return the arguments of a tool in part, as an object, without a word', async () => {
    stage.answer = TOOL;
    stage.inject('ai_tool_args_truncated', { afterEvents: 1 });
    const truncated = { stop_reason: 'max_tokens', content: [{ type: 'tool_use', input: { city: 'Rome' } }] };
    expect(await helper()).toMatchObject(truncated);
    expect(await create()).toMatchObject(truncated);
    expect(stage.counts()).toMatchObject({ matched: 2, injected: 2 });
  });

  it('gets every token late, and all of them', async () => {
    stage.inject('ai_token_latency', { latency: '60ms' });
    stage.read = 9;
    const began = performance.now();
    const { seen } = await raw();
    expect(seen).toHaveLength(TEXT.events.length);
    expect(performance.now() - began).toBeGreaterThanOrEqual(2 * 59);
  });

  it('sees its budget count down, and is refused beyond it', async () => {
    stage.inject('rate_limit', { requestsPerMinute: 2, tokensPerMinute: 1000 });
    const { response } = await create().withResponse();
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('1');
    expect(response.headers.get('anthropic-ratelimit-tokens-limit')).toBe('1000');
    expect(Date.parse(response.headers.get('anthropic-ratelimit-requests-reset')!)).toBeGreaterThan(
      Date.now(),
    );
    await create();
    const error = await failure(create());
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect(Number((error.headers as unknown as Headers).get('retry-after'))).toBeGreaterThan(0);
  });
});

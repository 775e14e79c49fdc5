import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AiAnswer, type AiStage, failure, readAll, startAiStage } from './ai-stage.ts';

const IDENTITY = { id: 'chatcmpl-1', created: 1, model: 'gpt-4o-2024-08-06' };

function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return `data: ${JSON.stringify({ ...IDENTITY, object: 'chat.completion.chunk', choices })}\n\n`;
}

function completion(message: object, finish_reason: string): object {
  return {
    ...IDENTITY,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason }],
    usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 },
  };
}

const WORDS = ['One', ' two', ' three'];
const TEXT: AiAnswer = {
  whole: completion({ content: 'One two' }, 'stop'),
  events: [
    chunk({ role: 'assistant', content: '' }),
    ...WORDS.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ],
};

const FRAGMENTS = ['{"ci', 'ty":"R', 'ome"}'];
const call = (args: string, more: object = {}) => ({
  tool_calls: [{ index: 0, ...more, function: { name: 'weather', arguments: args } }],
});
const TOOL: AiAnswer = {
  whole: completion(call(FRAGMENTS.join(''), { id: 'call_1', type: 'function' }), 'tool_calls'),
  events: [
    chunk({ role: 'assistant', content: null, ...call('', { id: 'call_1', type: 'function' }) }),
    ...FRAGMENTS.map((fragment) => chunk(call(fragment))),
    chunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ],
};

const CHAT = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Count' }] };

describe('The official OpenAI client, whose answers are changed on their way', () => {
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

  const create = () => client.chat.completions.create(CHAT);
  const stream = async () => readAll(stage, await client.chat.completions.create({ ...CHAT, stream: true }));
  const helper = () => {
    stage.read = Number.POSITIVE_INFINITY;
    return client.chat.completions.stream(CHAT).finalChatCompletion();
  };
  const text = (seen: OpenAI.ChatCompletionChunk[]) =>
    seen.map((event) => event.choices[0]?.delta.content ?? '').join('');

  it.each([
    [0, '', 'server_error', null, 'server_error'],
    [2, 'One', 'overloaded', 'server_is_overloaded', 'service_unavailable_error'],
  ] as const)(
    'throws an APIError without a status after %d events and %j, with code and type of %s',
    async (afterEvents, words, kind, code, type) => {
      stage.inject('ai_stream_error', { afterEvents, kind });
      const { seen, error } = await stream();
      expect(text(seen)).toBe(words);
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject({ status: undefined, code, type });
      expect(await failure(helper())).toBeInstanceOf(OpenAI.APIError);
    },
  );

  it('throws a SyntaxError, which is no APIError, at an event whose JSON is broken', async () => {
    stage.inject('ai_malformed', { afterEvents: 2 });
    const { seen, error } = await stream();
    expect(text(seen)).toBe('One');
    expect(error).toBeInstanceOf(SyntaxError);
    expect(await failure(helper())).toBeInstanceOf(OpenAI.OpenAIError);
  });

  it.each([
    ['ai_malformed', {}],
    ['http_truncate', { afterBytes: 40 }],
  ])('throws a SyntaxError at a whole answer under %s, behind status 200', async (type, attributes) => {
    stage.inject(type, attributes);
    expect(await failure(create())).toBeInstanceOf(SyntaxError);
  });

  it('takes a stream that was truncated within an event for a whole one', async () => {
    stage.inject('http_truncate', { afterBytes: TEXT.events.slice(0, 2).join('').length + 20 });
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(text(seen)).toBe('One');
  });

  it('is told of an empty completion that all is well', async () => {
    const before = stage.hits;
    stage.inject('ai_empty');
    const answer = await create();
    expect(answer.choices[0]).toMatchObject({ message: { content: '' }, finish_reason: 'stop' });
    expect(answer._request_id).toMatch(/^req_/);
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect([text(seen), seen.at(-1)?.choices[0]?.finish_reason]).toEqual(['', 'stop']);
    expect((await helper()).choices[0]!.message.content).toBeFalsy();
    expect(stage.hits).toBe(before);
  });

  it('is told the usage of an empty stream where it asks for it', async () => {
    stage.inject('ai_empty');
    const asked = { ...CHAT, stream: true, stream_options: { include_usage: true } } as const;
    const { seen } = await readAll(stage, await client.chat.completions.create(asked));
    expect(seen.map(({ choices, usage }) => [choices.length, usage?.completion_tokens])).toEqual([
      [1, undefined],
      [1, undefined],
      [0, 0],
    ]);
    expect(seen.at(-1)?.usage?.prompt_tokens).toBeGreaterThan(0);
  });

  it.each(['length', 'content_filter'])('is told that a completion ended with %s', async (reason) => {
    stage.inject('ai_finish', { reason });
    expect((await create()).choices[0]).toMatchObject({
      message: { content: 'One two' },
      finish_reason: reason,
    });
    const { seen } = await stream();
    expect(text(seen)).toBe(WORDS.join(''));
    expect(seen.at(-1)?.choices[0]?.finish_reason).toBe(reason);
    expect(stage.counts()).toMatchObject({ matched: 2, injected: 2 });
  });

  it('gets the arguments of a tool in part, and the reason for it', async () => {
    stage.answer = TOOL;
    stage.inject('ai_tool_args_truncated', { afterEvents: 1 });
    stage.read = 9;
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    const args = seen.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(args.map((part) => part.function?.arguments).join('')).toBe('{"city"');
    expect(seen.at(-1)?.choices[0]?.finish_reason).toBe('length');
    expect((await create()).choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { tool_calls: [{ function: { arguments: '{"city"' } }] },
    });
  });

  it('gets every token late, and all of them', async () => {
    stage.inject('ai_token_latency', { latency: '50ms' });
    stage.read = 9;
    const began = performance.now();
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(text(seen)).toBe(WORDS.join(''));
    expect(performance.now() - began).toBeGreaterThanOrEqual(3 * 49);
  });

  it('hangs in an answer that stalls within its body, past its own time-out', async () => {
    stage.inject('http_stall', { afterBytes: 10 });
    const call = client.chat.completions.create(CHAT, { timeout: 200 });
    await stage.held();
    stage.empty();
    expect((await call).choices[0]!.message.content).toBe('One two');
  });

  it('sees its budget count down, is refused beyond it, and let in again after the wait that it is told', async () => {
    stage.inject('rate_limit', { requestsPerMinute: 120, burst: 2, tokensPerMinute: 10_000 });
    const left: (string | null)[] = [];
    for (let request = 0; request < 2; request++) {
      const { response } = await create().withResponse();
      left.push(response.headers.get('x-ratelimit-remaining-requests'));
      expect(response.headers.get('x-ratelimit-limit-tokens')).toBe('10000');
    }
    expect(left[0]).toBe('1');
    const refusals = await Promise.all(
      [create(), create(), create()].map((asked) => asked.catch((error) => error)),
    );
    const refused = refusals.find((outcome) => outcome instanceof OpenAI.RateLimitError);
    expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'requests' });
    expect(Number(refused!.headers.get('retry-after-ms'))).toBeGreaterThan(0);
    // The client waits by the hint, and is in time: a hint that is too short would use up its retries.
    const answer = await client.chat.completions.create(CHAT, { maxRetries: 1 });
    expect(answer.id).toBe('chatcmpl-1');
  });
});

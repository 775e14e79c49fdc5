import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AiStage, failure, readAll, startAiStage } from './ai-stage.ts';

const WORDS = ['One', ' two', ' three', ' four', ' five', ' six'];

function chunk(delta: object, finish: string | null = null): string {
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

const EVENTS = [
  chunk({ role: 'assistant', content: '' }),
  ...WORDS.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  'data: [DONE]\n\n',
];

const WHOLE = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'One two' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};

const CHAT = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Count' }] };

describe('The official OpenAI client behind the proxy', () => {
  let stage: AiStage;
  let client: OpenAI;
  beforeAll(async () => {
    stage = await startAiStage('openai', { whole: WHOLE, events: EVENTS });
    client = new OpenAI({ apiKey: 'sk-marked-key', baseURL: `${stage.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.empty();
    stage.read = 0;
  });

  const create = (options?: OpenAI.RequestOptions) => client.chat.completions.create(CHAT, options);
  const stream = async () => readAll(stage, await client.chat.completions.create({ ...CHAT, stream: true }));
  const text = (seen: OpenAI.ChatCompletionChunk[]) =>
    seen.map((event) => event.choices[0]?.delta.content ?? '').join('');

  it('notices nothing without a fault', async () => {
    expect((await create()).choices[0]!.message.content).toBe('One two');
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(text(seen)).toBe(WORDS.join(''));
  });

  it.each([
    ['rate_limit', OpenAI.RateLimitError, 429, 'rate_limit_exceeded', 'requests'],
    ['token_limit', OpenAI.RateLimitError, 429, 'rate_limit_exceeded', 'tokens'],
    ['quota', OpenAI.RateLimitError, 429, 'insufficient_quota', 'insufficient_quota'],
    ['overloaded', OpenAI.InternalServerError, 503, 'server_is_overloaded', 'service_unavailable_error'],
    ['server_error', OpenAI.InternalServerError, 500, null, 'server_error'],
    ['bad_gateway', OpenAI.InternalServerError, 502, 502, 'cf_bad_gateway'],
    ['gateway_html', OpenAI.InternalServerError, 502, undefined, undefined],
    ['invalid_key', OpenAI.AuthenticationError, 401, 'invalid_api_key', 'invalid_request_error'],
    ['model_not_found', OpenAI.NotFoundError, 404, 'model_not_found', 'invalid_request_error'],
    ['context_length', OpenAI.BadRequestError, 400, 'context_length_exceeded', 'invalid_request_error'],
    ['content_filter', OpenAI.BadRequestError, 400, 'invalid_prompt', 'invalid_request_error'],
  ] as const)(
    'meets %s as %o with status %d, code %s and type %s',
    async (kind, type, status, code, kindOf) => {
      stage.inject('ai_error', { kind });
      const before = stage.hits;
      for (const call of [create(), client.chat.completions.create({ ...CHAT, stream: true })]) {
        const error = await failure(call);
        expect(error).toBeInstanceOf(type);
        expect(error).toMatchObject({ status, code, type: kindOf });
        expect(JSON.stringify(error) + error.message).not.toContain('sk-marked-key');
      }
      expect(stage.hits).toBe(before);
      expect(stage.counts()).toMatchObject({ matched: 2, injected: 2 });
    },
  );

  it('carries the page of a dead gateway in its message', async () => {
    stage.inject('ai_error', { kind: 'gateway_html' });
    expect((await failure(create())).message).toContain('502: Bad gateway');
  });

  it('shows the id of the request that failed', async () => {
    stage.inject('ai_error', { kind: 'rate_limit' });
    expect((await failure(create())).requestID).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it('waits as long as a rate limit says, and then succeeds', async () => {
    stage.inject('ai_error', { kind: 'rate_limit', retryAfter: '400ms' }, { first: 1 });
    const began = performance.now();
    const answer = await create({ maxRetries: 1 });
    expect(answer.choices[0]!.message.content).toBe('One two');
    expect(performance.now() - began).toBeGreaterThanOrEqual(395);
    expect(stage.counts()).toMatchObject({ matched: 2, injected: 1 });
  });

  it('retries even a quota that is used up, for it only looks at the status', async () => {
    stage.inject('ai_error', { kind: 'quota' });
    await failure(create({ maxRetries: 1 }));
    expect(stage.counts().injected).toBe(2);
  });

  it('is hit by a fault for its model, and not by one for another', async () => {
    stage.inject('ai_error', { kind: 'overloaded' }, { model: 'gpt-4o' });
    expect(await failure(create())).toBeInstanceOf(OpenAI.InternalServerError);
    stage.inject('ai_error', { kind: 'overloaded' }, { model: 'gpt-5*' });
    expect((await create()).id).toBe('chatcmpl-1');
  });

  it('sees a clean cut as a stream that just ends, without an error', async () => {
    stage.inject('ai_stream_cut', { afterEvents: 4, with: 'clean' });
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(text(seen)).toBe('One two three');
    expect(seen.at(-1)?.choices[0]?.finish_reason).toBeNull();
  });

  it.each([
    ['fin', 'UND_ERR_SOCKET'],
    ['rst', 'ECONNRESET'],
  ])('sees a cut by %s as TypeError: terminated, because of %s, behind whole events', async (how, code) => {
    stage.inject('ai_stream_cut', { afterEvents: 4, with: how });
    const { seen, error } = await stream();
    expect(text(seen)).toBe('One two three');
    expect(error).toBeInstanceOf(TypeError);
    expect(error?.message).toBe('terminated');
    expect(error?.cause?.code).toBe(code);
    expect(stage.counts()).toMatchObject({ injected: 1 });
  });

  it.each([
    ['clean', 'missing finish_reason for choice 0'],
    ['fin', 'terminated'],
    ['rst', 'terminated'],
  ])('has its stream helper fail on a cut by %s: %s', async (how, message) => {
    stage.inject('ai_stream_cut', { afterEvents: 4, with: how });
    stage.read = Number.POSITIVE_INFINITY;
    const error = await failure(client.chat.completions.stream(CHAT).finalChatCompletion());
    expect(error).toBeInstanceOf(OpenAI.OpenAIError);
    expect(error.message).toContain(message);
  });

  it('hangs in a stalled stream past its own time-out, and loses nothing when that is taken back', async () => {
    stage.inject('ai_stream_stall', { afterEvents: 4 });
    const events = await client.chat.completions.create({ ...CHAT, stream: true }, { timeout: 200 });
    const reading = readAll(stage, events);
    await stage.held();
    expect(stage.read).toBe(4);
    stage.empty();
    const { seen, error } = await reading;
    expect(error).toBeUndefined();
    expect(text(seen)).toBe(WORDS.join(''));
  });

  it('times out on a first token that is held back with its head', async () => {
    stage.inject('ai_ttft', { latency: '1h' });
    for (const streaming of [true, false]) {
      const call = client.chat.completions.create({ ...CHAT, stream: streaming }, { timeout: 300 });
      stage.read = 9;
      expect(await failure(call)).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    }
    expect(stage.counts()).toMatchObject({ matched: 2, injected: 2 });
  });

  it('gets its first token late, and then the stream as it is', async () => {
    stage.inject('ai_ttft', { latency: '300ms' });
    const began = performance.now();
    stage.read = 9;
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(text(seen)).toBe(WORDS.join(''));
    expect(performance.now() - began).toBeGreaterThanOrEqual(295);
  });

  it('times out on a request that is held, which the provider never sees', async () => {
    stage.inject('http_latency', { latency: '1h' });
    const before = stage.hits;
    expect(await failure(create({ timeout: 200 }))).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    expect(stage.hits).toBe(before);
  });

  it('meets a reset before the answer as a connection error', async () => {
    for (const at of ['request', 'headers']) {
      stage.inject('http_abort', { at });
      const error = await failure(create());
      expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
      expect(error).not.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    }
  });

  it('meets a reset within the body as TypeError: terminated', async () => {
    stage.inject('http_abort', { at: 'body', afterBytes: 40 });
    const error = await failure(create());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('terminated');
  });

  it('meets an error of your own making by its status', async () => {
    stage.inject('http_error', {
      status: 409,
      body: '{"error":{"message":"busy"}}',
      headers: { 'content-type': 'application/json' },
    });
    const error = await failure(create());
    expect(error).toBeInstanceOf(OpenAI.ConflictError);
    expect(error.message).toContain('busy');
  });
});

import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AiStage, failure, readAll, startAiStage } from './ai-stage.ts';

function event(data: { readonly type: string; readonly [key: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-in-a-test',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};
const WORDS = ['One', ' two', ' three', ' four'];

const EVENTS = [
  event({ type: 'message_start', message: MESSAGE }),
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ...WORDS.map((text) =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  ),
  event({ type: 'content_block_stop', index: 0 }),
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 4 },
  }),
  event({ type: 'message_stop' }),
];

const WHOLE = { ...MESSAGE, content: [{ type: 'text', text: 'One two' }], stop_reason: 'end_turn' };
const ASK = {
  model: 'claude-in-a-test',
  max_tokens: 16,
  messages: [{ role: 'user' as const, content: 'Count' }],
};

describe('The official Anthropic client behind the proxy', () => {
  let stage: AiStage;
  let client: Anthropic;
  beforeAll(async () => {
    stage = await startAiStage('anthropic', { whole: WHOLE, events: EVENTS });
    client = new Anthropic({ apiKey: 'sk-ant-marked-key', baseURL: stage.url, maxRetries: 0 });
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.empty();
    stage.read = 0;
  });

  const create = (options?: Anthropic.RequestOptions) => client.messages.create(ASK, options);
  const stream = async () => readAll(stage, await client.messages.create({ ...ASK, stream: true }));
  const types = (seen: { readonly type: string }[]) => seen.map(({ type }) => type);

  it('notices nothing without a fault', async () => {
    expect((await create()).content).toEqual([{ type: 'text', text: 'One two' }]);
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(types(seen).at(-1)).toBe('message_stop');
  });

  it.each([
    ['rate_limit', Anthropic.RateLimitError, 429, 'rate_limit_error'],
    ['token_limit', Anthropic.RateLimitError, 429, 'rate_limit_error'],
    ['quota', Anthropic.EnforcedSpendLimitReachedError, 429, 'rate_limit_error'],
    ['overloaded', Anthropic.OverloadedError, 529, 'overloaded_error'],
    ['server_error', Anthropic.InternalServerError, 500, 'api_error'],
    ['bad_gateway', Anthropic.InternalServerError, 502, 'cf_bad_gateway'],
    ['gateway_html', Anthropic.InternalServerError, 502, undefined],
    ['invalid_key', Anthropic.AuthenticationError, 401, 'authentication_error'],
    ['model_not_found', Anthropic.NotFoundError, 404, 'not_found_error'],
    ['context_length', Anthropic.BadRequestError, 400, 'invalid_request_error'],
    ['content_filter', Anthropic.BadRequestError, 400, 'invalid_request_error'],
  ] as const)('meets %s as %o with status %d and type %s', async (kind, type, status, name) => {
    stage.inject('ai_error', { kind });
    const before = stage.hits;
    const error = (await failure(create())) as unknown as InstanceType<typeof Anthropic.APIError>;
    expect(error).toBeInstanceOf(type);
    expect(error.status).toBe(status);
    expect((error.error as { error?: { type?: string } } | undefined)?.error?.type).toBe(name);
    expect(JSON.stringify(error) + error.message).not.toContain('sk-ant-marked-key');
    expect(stage.hits).toBe(before);
  });

  it('shows the id of the request that failed', async () => {
    stage.inject('ai_error', { kind: 'overloaded' });
    expect((await failure(create())).requestID).toMatch(/^req_/);
  });

  it('waits as long as a rate limit says, and then succeeds', async () => {
    stage.inject('ai_error', { kind: 'rate_limit', retryAfter: '1s' }, { first: 1 });
    const began = performance.now();
    expect((await create({ maxRetries: 1 })).id).toBe('msg_1');
    expect(performance.now() - began).toBeGreaterThanOrEqual(995);
    expect(stage.counts()).toMatchObject({ matched: 2, injected: 1 });
  });

  it('sees a clean cut as a stream that just ends, without an error', async () => {
    stage.inject('ai_stream_cut', { afterEvents: 4, with: 'clean' });
    const { seen, error } = await stream();
    expect(error).toBeUndefined();
    expect(types(seen)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
    ]);
  });

  it.each([
    ['fin', 'UND_ERR_SOCKET'],
    ['rst', 'ECONNRESET'],
  ])('sees a cut by %s as TypeError: terminated, because of %s, behind whole events', async (how, code) => {
    stage.inject('ai_stream_cut', { afterEvents: 4, with: how });
    const { seen, error } = await stream();
    expect(seen).toHaveLength(4);
    expect(error).toBeInstanceOf(TypeError);
    expect(error?.message).toBe('terminated');
    expect(error?.cause?.code).toBe(code);
  });

  it.each([
    ['clean', /stream ended without producing a Message/],
    ['fin', /terminated/],
    ['rst', /terminated/],
  ])('has its stream helper fail on a cut by %s: %s', async (how, message) => {
    stage.inject('ai_stream_cut', { afterEvents: 4, with: how });
    stage.read = Number.POSITIVE_INFINITY;
    const error = await failure(client.messages.stream(ASK).finalMessage());
    expect(error).toBeInstanceOf(Anthropic.AnthropicError);
    expect(error.message).toMatch(message);
  });

  it('hangs in a stalled stream past its own time-out, and loses nothing when that is taken back', async () => {
    stage.inject('ai_stream_stall', { afterEvents: 3 });
    const reading = readAll(stage, await client.messages.create({ ...ASK, stream: true }, { timeout: 200 }));
    await stage.held();
    expect(stage.read).toBe(3);
    stage.empty();
    const { seen, error } = await reading;
    expect(error).toBeUndefined();
    expect(seen).toHaveLength(EVENTS.length);
  });

  it('times out on a first token that is held back with its head', async () => {
    stage.inject('ai_ttft', { latency: '1h' });
    stage.read = 9;
    const call = client.messages.create({ ...ASK, stream: true }, { timeout: 300 });
    expect(await failure(call)).toBeInstanceOf(Anthropic.APIConnectionTimeoutError);
  });

  it('meets a reset before the answer as a connection error', async () => {
    stage.inject('http_abort', { at: 'headers' });
    expect(await failure(create())).toBeInstanceOf(Anthropic.APIConnectionError);
  });
});

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildSimulator } from '../../src/sandbox/provider/server.ts';
import { until } from '../support/until.ts';

const rhythm = { firstToken: 5, betweenTokens: 1, tokens: 12 };
const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Plan the week.' }] };

describe('the OpenAI simulator, asked by the official SDK', () => {
  let app: FastifyInstance;
  let client: OpenAI;
  let base: string;

  async function start(options: Partial<Parameters<typeof buildSimulator>[0]> = {}): Promise<void> {
    app = buildSimulator({ seed: 7, rhythm, ...options });
    await app.listen({ host: '127.0.0.1', port: 0 });
    base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'sk-test', maxRetries: 0 });
  }
  beforeEach(() => start());
  afterEach(() => app.close());

  async function stats() {
    return (await (await fetch(`${base}/simulator/stats`)).json()) as Record<string, unknown>;
  }

  test('answers a chat completion whole', async () => {
    const answer = await client.chat.completions.create(question);
    expect(answer.object).toBe('chat.completion');
    expect(answer.choices[0]).toMatchObject({
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant' },
    });
    expect(answer.choices[0]!.message.content).toMatch(/^Simulated: /);
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens);
  });

  test('streams the role, a chunk for each token, and the finish', async () => {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true }))
      chunks.push(chunk);
    expect(chunks[0]!.choices[0]!.delta).toMatchObject({ role: 'assistant' });
    expect(chunks.at(-1)!.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(chunks.slice(1, -1).every((chunk) => chunk.choices[0]!.delta.content)).toBe(true);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  test('ends the usage of a stream with a chunk of its own when asked', async () => {
    const chunks = [];
    const asked = { ...question, stream: true, stream_options: { include_usage: true } } as const;
    for await (const chunk of await client.chat.completions.create(asked)) chunks.push(chunk);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: chunks.length - 3 } });
  });

  test('satisfies the stream helper, which checks the whole protocol', async () => {
    const final = await client.chat.completions.stream(question).finalChatCompletion();
    expect(final.choices[0]!.finish_reason).toBe('stop');
  });

  test('frames its stream as data lines that end with [DONE]', async () => {
    const response = await post('/v1/chat/completions', { ...question, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const frames = (await response.text()).split('\n\n');
    expect(frames.pop()).toBe('');
    expect(frames.pop()).toBe('data: [DONE]');
    expect(frames.every((frame) => frame.startsWith('data: {'))).toBe(true);
  });

  test.each([true, false])(
    'sends the headers of the real one and says that it is a simulator (stream: %s)',
    async (stream) => {
      const response = await post('/v1/chat/completions', { ...question, stream });
      await response.text();
      const headers = Object.fromEntries(response.headers);
      expect(headers).toMatchObject({
        server: 'openai-simulator',
        'x-request-id': expect.stringMatching(/^req_[0-9a-f]{16}$/),
        'openai-processing-ms': expect.stringMatching(/^\d+$/),
        'x-ratelimit-limit-requests': '10000',
        'x-ratelimit-remaining-requests': '9999',
        'x-ratelimit-reset-requests': expect.stringMatching(/^\d+ms$/),
        'x-ratelimit-reset-tokens': expect.stringMatching(/^\d+(ms|(\.\d+)?s)$/),
      });
    },
  );

  test('says the same for the same seed and order, and something else for another seed', async () => {
    const answers = async () => {
      const answer = await client.chat.completions.create(question);
      return [answer.id, answer.choices[0]!.message.content];
    };
    const first = await answers();
    const second = await answers();
    expect(second).not.toEqual(first);
    await app.close();
    await start();
    expect([await answers(), await answers()]).toEqual([first, second]);
    await app.close();
    await start({ seed: 8 });
    expect(await answers()).not.toEqual(first);
  });

  test('speaks the Responses API, whole and streamed', async () => {
    const asked = { model: 'gpt-4o-mini', input: 'Plan the week.' };
    const whole = await client.responses.create(asked);
    expect(whole.status).toBe('completed');
    expect(whole.output_text).toMatch(/^Simulated: /);
    const types = [];
    for await (const event of await client.responses.create({ ...asked, stream: true }))
      types.push(event.type);
    expect(types[0]).toBe('response.created');
    expect(types).toContain('response.output_text.delta');
    expect(types.at(-1)).toBe('response.completed');
    const final = await client.responses.stream(asked).finalResponse();
    expect(final.output_text).toMatch(/^Simulated: /);
  });

  test('lists its models', async () => {
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toContain('gpt-4o-mini');
  });

  test('refuses a request without a key in the shape of OpenAI', async () => {
    const response = await fetch(`${base}/v1/models`);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringMatching(/^You didn't provide an API key\./),
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    });
  });

  test('refuses a wrong key and shows only its ends', async () => {
    await app.close();
    await start({ apiKey: 'sk-right' });
    const refused = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'sk-wrong-secret-1234', maxRetries: 0 });
    const error = await refused.models.list().then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.code).toBe('invalid_api_key');
    expect(error.message).toContain('sk***1234');
    expect(error.message).not.toContain('secret');
  });

  test('refuses an unknown model and a request without messages', async () => {
    await expect(client.chat.completions.create({ ...question, model: 'gpt-9' })).rejects.toThrow(
      NotFoundError,
    );
    await expect(client.chat.completions.create({ model: 'gpt-4o-mini' } as never)).rejects.toThrow(
      BadRequestError,
    );
  });

  test('counts what it was asked, and stops work that nobody waits for', async () => {
    await app.close();
    await start({ rhythm: { firstToken: 1, betweenTokens: 50, tokens: 1000 } });
    const stream = await client.chat.completions.create({ ...question, stream: true });
    for await (const _ of stream) break;
    await until('the stream is abandoned', async () => (await stats()).abandoned === 1);
    await client.models.list();
    expect(await stats()).toEqual({
      simulator: true,
      requests: 2,
      active: 0,
      completed: 1,
      abandoned: 1,
      status: { 200: 2 },
    });
  });

  function post(path: string, body: object): Promise<Response> {
    return fetch(base + path, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
});

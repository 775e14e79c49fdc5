import { afterEach, describe, expect, it } from 'vitest';
import { aiEmpty } from '../../src/faults/ai_empty.ts';
import { splitEvents } from '../../src/protocols/http/events.ts';
import { playHttp, read } from './http-play.ts';
import { POST, type Stage, stageHttp } from './http-stage.ts';

type Play = Parameters<typeof playHttp>[2];
interface Reply {
  readonly do: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function reply(options: Play): Reply {
  return playHttp(aiEmpty, {}, options).behaviour.request?.() as Reply;
}

const CHAT = { path: '/v1/chat/completions', bodyBytes: 80 };

describe('ai_empty', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it.each([
    [
      'a chat completion',
      'openai',
      CHAT,
      {
        object: 'chat.completion',
        model: 'gpt-4o',
        choices: [{ message: { content: '' }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 20,
          completion_tokens: 0,
          total_tokens: 20,
          completion_tokens_details: { reasoning_tokens: 0 },
        },
      },
    ],
    [
      'a chat completion of Azure',
      'openai',
      { path: '/openai/deployments/d/chat/completions' },
      { object: 'chat.completion' },
    ],
    [
      'a response',
      'openai',
      { path: '/v1/responses' },
      { object: 'response', status: 'completed', output: [] },
    ],
    [
      'a message',
      'anthropic',
      { path: '/v1/messages' },
      { type: 'message', content: [], stop_reason: 'end_turn' },
    ],
    [
      'generated content',
      'gemini',
      { path: '/v1/models/m:generateContent' },
      { candidates: [{ content: { role: 'model' }, finishReason: 'STOP' }] },
    ],
  ] as const)('answers %s that says nothing', (_, protocol, request, expected) => {
    const answer = reply({ protocol, request: { ...request, streaming: false } });
    expect(answer).toMatchObject({ do: 'reply', status: 200 });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(answer.body)).toMatchObject(expected);
  });

  it.each([
    ['openai', '/v1/chat/completions', 3],
    ['openai', '/v1/responses', 3],
    ['anthropic', '/v1/messages', 3],
    ['gemini', '/v1/models/m:streamGenerateContent', 1],
  ] as const)('answers a stream of %s on %s in %d events', (protocol, path, count) => {
    const answer = reply({ protocol, request: { path, streaming: true } });
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
    const splitter = splitEvents();
    expect(splitter.push(Buffer.from(answer.body))).toHaveLength(count);
    expect(splitter.end()).toHaveLength(0);
  });

  it.each([
    ['openai', '/v1/embeddings'],
    ['anthropic', '/v1/messages/count_tokens'],
    ['gemini', '/v1/models/m:countTokens'],
  ] as const)('forwards what asks %s for no completion: %s', (protocol, path) => {
    const { behaviour, counts } = playHttp(aiEmpty, {}, { protocol, request: { path } });
    expect(behaviour.request?.()).toEqual({ do: 'forward' });
    expect(counts).toEqual({ injected: 0, skipped: ['not a completion'] });
  });

  it('explains itself', () => {
    expect(aiEmpty.explain(read(aiEmpty) as never)).toBe(
      'answer each request with an empty completion and status 200',
    );
  });

  it('answers a real client without asking the upstream', async () => {
    stage = await stageHttp(aiEmpty, {}, (_, response) => response.end('no'));
    stage.client.send(POST);
    await stage.client.sees('data: [DONE]');
    expect(stage.seen).toHaveLength(0);
    expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
  });
});

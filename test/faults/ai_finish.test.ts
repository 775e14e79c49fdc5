import { afterEach, describe, expect, it } from 'vitest';
import { aiFinish } from '../../src/faults/ai_finish.ts';
import { playHttp, read } from './http-play.ts';
import { dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

const CHAT = { choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }] };
const RESPONSE = {
  object: 'response',
  status: 'completed',
  incomplete_details: null,
  output: [{ type: 'message', status: 'completed' }],
};
const MESSAGE = { type: 'message', content: [], stop_reason: 'end_turn' };
const CONTENT = { candidates: [{ content: {}, finishReason: 'STOP' }] };

describe('ai_finish', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it.each([
    ['openai', CHAT, 'length', { choices: [{ finish_reason: 'length' }] }],
    ['openai', CHAT, 'content_filter', { choices: [{ finish_reason: 'content_filter' }] }],
    ['openai', CHAT, 'tool_calls', { choices: [{ finish_reason: 'tool_calls' }] }],
    [
      'openai',
      RESPONSE,
      'length',
      {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'incomplete' }],
      },
    ],
    [
      'openai',
      RESPONSE,
      'content_filter',
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
    ],
    ['anthropic', MESSAGE, 'length', { stop_reason: 'max_tokens' }],
    ['anthropic', MESSAGE, 'content_filter', { stop_reason: 'refusal' }],
    ['anthropic', MESSAGE, 'tool_calls', { stop_reason: 'tool_use' }],
    ['gemini', CONTENT, 'length', { candidates: [{ finishReason: 'MAX_TOKENS' }] }],
    ['gemini', CONTENT, 'content_filter', { candidates: [{ finishReason: 'SAFETY' }] }],
  ] as const)('tells %s %j to have ended with %s', (protocol, body, reason, expected) => {
    const { behaviour, counts } = playHttp(aiFinish, { reason }, { protocol });
    const act = behaviour.whole?.(Buffer.from(JSON.stringify(body))) as { with: Buffer };
    const rewritten = JSON.parse(act.with.toString());
    expect(rewritten).toMatchObject(expected);
    expect(Object.keys(rewritten)).toEqual(Object.keys(body));
    expect(counts.injected).toBe(1);
  });

  it.each([
    ['openai', RESPONSE, 'tool_calls'],
    ['gemini', CONTENT, 'tool_calls'],
    ['openai', { object: 'list', data: [] }, 'length'],
  ] as const)('leaves %s %j alone, which cannot end with %s', (protocol, body, reason) => {
    const { behaviour, counts } = playHttp(aiFinish, { reason }, { protocol });
    expect(behaviour.whole?.(Buffer.from(JSON.stringify(body)))).toEqual({ do: 'pass' });
    behaviour.end?.();
    expect(counts).toEqual({ injected: 0, skipped: ['no such end'] });
  });

  it('renames the last event of a response that is then incomplete', () => {
    const { behaviour } = playHttp(aiFinish, { reason: 'length' });
    const event = { type: 'response.completed', sequence_number: 3, response: RESPONSE };
    const act = behaviour.event?.(
      Buffer.from(`event: response.completed\ndata: ${JSON.stringify(event)}\n\n`),
      0,
    ) as { with: Buffer };
    expect(act.with.toString()).toMatch(
      /^event: response\.incomplete\ndata: \{"type":"response\.incomplete"/,
    );
  });

  it('leaves alone the chunks of a stream that goes on', () => {
    const { behaviour } = playHttp(aiFinish, {});
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x' }, finish_reason: null }] })}\n\n`;
    expect(behaviour.event?.(Buffer.from(event), 0)).toEqual({ do: 'pass' });
  });

  it('explains itself', () => {
    expect(aiFinish.explain(read(aiFinish, { reason: 'content_filter' }) as never)).toBe(
      'say of each completion that it ended with content_filter',
    );
  });

  it('rewrites a real answer, and one that came compressed passes as it is', async () => {
    stage = await stageHttp(aiFinish, {}, (request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/packed') response.setHeader('content-encoding', 'br');
      response.end(JSON.stringify({ ...CHAT, encoding: request.headers['accept-encoding'] ?? 'none' }));
    });
    stage.client.send(POST.replace('\r\n\r\n', '\r\nAccept-Encoding: gzip\r\n\r\n'));
    await stage.client.sees('\r\n0\r\n\r\n');
    expect(JSON.parse(dechunk(stage.client.text))).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      encoding: 'identity',
    });
    stage.client.send('GET /packed HTTP/1.1\r\nHost: x\r\n\r\n');
    await stage.client.sees('"finish_reason":"stop"');
    expect(stage.fault.counts).toEqual({ matched: 2, injected: 1, skipped: ['compressed'] });
  });
});

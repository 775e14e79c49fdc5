import { afterEach, describe, expect, it } from 'vitest';
import { aiError } from '../../src/faults/ai_error.ts';
import { AI_ERROR_KINDS } from '../../src/protocols/http/providers/contract.ts';
import { playHttp, read } from './http-play.ts';
import { POST, type Stage, stageHttp } from './http-stage.ts';

describe('ai_error', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it.each(AI_ERROR_KINDS)('answers %s for every provider, the same for the same draws', (kind) => {
    for (const protocol of ['openai', 'anthropic', 'gemini'] as const) {
      const play = () => playHttp(aiError, { kind }, { protocol }).behaviour.request?.();
      expect(play()).toMatchObject({ do: 'reply', headers: { 'content-type': expect.any(String) } });
      expect(play()).toEqual(play());
    }
  });

  it('explains itself, with the wait only where the answer says one', () => {
    const explain = (attributes: object) => aiError.explain(read(aiError, attributes as never) as never);
    expect(explain({ kind: 'rate_limit', retryAfter: '5s' })).toBe(
      "answer each request with the provider's rate_limit error, to be retried after 5 s",
    );
    expect(explain({ kind: 'overloaded', retryAfter: '5s' })).toBe(
      "answer each request with the provider's overloaded error",
    );
  });

  it('names the model that a real request asks for, and echoes no key', async () => {
    stage = await stageHttp(aiError, { kind: 'model_not_found' }, (_, response) => response.end());
    stage.client.send(POST.replace('Host: x', 'Host: x\r\nAuthorization: Bearer sk-marked-1234'));
    await stage.client.sees(/404 Not Found[\s\S]*The model `gpt-4o` does not exist[\s\S]*\}\}$/);
    expect(stage.client.text).not.toContain('sk-marked');
    expect(stage.seen).toHaveLength(0);
    expect(stage.fault.facts).toMatchObject([
      { method: 'POST', path: '/v1/chat/completions', model: 'gpt-4o' },
    ]);
  });
});

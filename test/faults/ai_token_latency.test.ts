import { afterEach, describe, expect, it } from 'vitest';
import { aiTokenLatency } from '../../src/faults/ai_token_latency.ts';
import { until } from '../support/until.ts';
import { playHttp, read, settled } from './http-play.ts';
import { chatEvent, chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

describe('ai_token_latency', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('delays each event that carries a token, and no other', async () => {
    const { behaviour, clock, counts, holds } = playHttp(aiTokenLatency, { latency: 40 });
    expect(await behaviour.event?.(Buffer.from(chatEvent(0)), 0)).toEqual({ do: 'pass' });
    for (const index of [1, 2]) {
      const token = behaviour.event?.(Buffer.from(chatEvent(index)), index);
      clock.advance(39);
      expect(await settled(token)).toBe(false);
      clock.advance(1);
      expect(await token).toEqual({ do: 'pass' });
    }
    expect(await behaviour.event?.(Buffer.from('data: [DONE]\n\n'), 3)).toEqual({ do: 'pass' });
    expect(holds).toEqual([40, 40]);
    expect(counts.injected).toBe(2);
  });

  it('varies the delay by its jitter, for each token anew', () => {
    const { behaviour, holds } = playHttp(aiTokenLatency, { latency: 100, jitter: 50 }, { draws: [0, 0.75] });
    void behaviour.event?.(Buffer.from(chatEvent(1)), 0);
    void behaviour.event?.(Buffer.from(chatEvent(2)), 1);
    expect(holds).toEqual([50, 125]);
  });

  it('says of an answer that is not a stream that it was left alone', () => {
    const { behaviour, counts } = playHttp(aiTokenLatency, { latency: 40 });
    behaviour.head?.({ status: 200, headers: {}, events: false });
    expect(counts.skipped).toEqual(['not a stream']);
  });

  it('explains itself', () => {
    expect(aiTokenLatency.explain(read(aiTokenLatency, { latency: 40, jitter: 10 }) as never)).toBe(
      'delay each token of a stream by 40 ms ± 10 ms',
    );
  });

  it('delays the tokens of a real stream one after another, and loses none', async () => {
    stage = await stageHttp(aiTokenLatency, { latency: 60 }, chatStream(5));
    const began = performance.now();
    stage.client.send(POST);
    await stage.client.sees('[DONE]');
    expect(performance.now() - began).toBeGreaterThanOrEqual(4 * 59);
    expect(dechunk(stage.client.text)).toBe(`${[0, 1, 2, 3, 4].map(chatEvent).join('')}data: [DONE]\n\n`);
  });

  it('lets go of all tokens at once when taken back', async () => {
    stage = await stageHttp(aiTokenLatency, { latency: '1h' }, chatStream(5));
    stage.client.send(POST);
    await until('a token is held', () => stage?.front.metered.held === 1);
    expect(stage.client.text).not.toContain('word1');
    stage.front.put();
    await stage.client.sees('[DONE]');
  });
});

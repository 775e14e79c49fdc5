import { afterEach, describe, expect, it } from 'vitest';
import { aiStreamStall } from '../../src/faults/ai_stream_stall.ts';
import { until } from '../support/until.ts';
import { playHttp, read } from './http-play.ts';
import { chatEvent, chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

describe('ai_stream_stall', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('holds the event after those it lets pass, and only that', async () => {
    const { behaviour, holds, counts } = playHttp(aiStreamStall, { afterEvents: 1, stall: '2s' });
    const event = Buffer.from('data: x\n\n');
    expect(await behaviour.event?.(event, 0)).toEqual({ do: 'pass' });
    expect(counts.injected).toBe(0);
    void behaviour.event?.(event, 1);
    expect(await behaviour.event?.(event, 2)).toEqual({ do: 'pass' });
    expect(holds).toEqual([2000]);
    expect(counts.injected).toBe(1);
  });

  it('holds without end where no time is given', () => {
    const attributes = read(aiStreamStall, { afterEvents: 3 });
    expect(aiStreamStall.addedLatency(attributes as never)).toBe(Number.POSITIVE_INFINITY);
    expect(aiStreamStall.explain(attributes as never)).toBe(
      'stall each stream after 3 events until taken back',
    );
  });

  it.each([
    ['not a stream', false],
    ['stream too short', true],
  ])('skips an answer that is %s', async (reason, events) => {
    const { behaviour, counts } = playHttp(aiStreamStall, { afterEvents: 3 });
    await behaviour.head?.({ status: 200, headers: {}, events });
    if (events) behaviour.end?.();
    expect(counts).toEqual({ injected: 0, skipped: [reason] });
  });

  it('stops a real stream after two whole events, and goes on without loss when taken back', async () => {
    stage = await stageHttp(aiStreamStall, { afterEvents: 2 }, chatStream(4));
    stage.client.send(POST);
    await until('the stream is held', () => stage?.front.metered.held === 1);
    await stage.client.sees('word1');
    expect(dechunk(stage.client.text)).toBe(chatEvent(0) + chatEvent(1));
    stage.front.put();
    await stage.client.sees('\r\n0\r\n\r\n');
    expect(dechunk(stage.client.text)).toBe(`${[0, 1, 2, 3].map(chatEvent).join('')}data: [DONE]\n\n`);
    expect(stage.front.metered).toMatchObject({ held: 0, answers: [{ status: '200', injected: true }] });
  });
});

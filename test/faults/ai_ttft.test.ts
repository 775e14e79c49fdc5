import { afterEach, describe, expect, it } from 'vitest';
import { aiTtft } from '../../src/faults/ai_ttft.ts';
import { until } from '../support/until.ts';
import { playHttp, read, settled } from './http-play.ts';
import { chatEvent, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

const HEAD = { status: 200, headers: {}, events: true };

describe('ai_ttft', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('keeps the head and the preamble back, and holds the first token', async () => {
    const { behaviour, clock, counts } = playHttp(aiTtft, { latency: 400 });
    expect(await behaviour.head?.(HEAD)).toEqual({ do: 'keep' });
    expect(await behaviour.event?.(Buffer.from(chatEvent(0)), 0)).toEqual({ do: 'keep' });
    const token = behaviour.event?.(Buffer.from(chatEvent(1)), 1);
    clock.advance(399);
    expect(await settled(token)).toBe(false);
    clock.advance(1);
    expect(await token).toEqual({ do: 'pass' });
    expect(await behaviour.event?.(Buffer.from(chatEvent(2)), 2)).toEqual({ do: 'pass' });
    expect(counts.injected).toBe(1);
  });

  it('takes the first byte for the first token where the answer is not a stream', async () => {
    const { behaviour, holds } = playHttp(aiTtft, { latency: 400 });
    void behaviour.chunk?.(Buffer.from('{'), 0);
    void behaviour.chunk?.(Buffer.from('}'), 1);
    expect(holds).toEqual([400]);
  });

  it('lets an error through as fast as it came', async () => {
    const { behaviour, counts } = playHttp(aiTtft, { latency: 400 });
    expect(await behaviour.head?.({ status: 429, headers: {}, events: false })).toEqual({ do: 'forward' });
    expect(await behaviour.chunk?.(Buffer.from('{}'), 0)).toEqual({ do: 'pass' });
    expect(counts).toEqual({ injected: 0, skipped: ['no token'] });
  });

  it('knows what a first token is by provider', async () => {
    const { behaviour, holds } = playHttp(aiTtft, { latency: 1 }, { protocol: 'anthropic' });
    expect(await behaviour.event?.(Buffer.from('event: message_start\ndata: {}\n\n'), 0)).toEqual({
      do: 'keep',
    });
    expect(await behaviour.event?.(Buffer.from('event: ping\ndata: {}\n\n'), 1)).toEqual({ do: 'keep' });
    void behaviour.event?.(Buffer.from('event: content_block_delta\ndata: {}\n\n'), 2);
    expect(holds).toEqual([1]);
  });

  it('explains itself', () => {
    expect(aiTtft.explain(read(aiTtft, { latency: '4s', jitter: '500ms' }) as never)).toBe(
      'hold each response back until its first token, and for 4 s ± 500 ms more',
    );
  });

  it('shows a real client nothing until taken back, and then all of it at once', async () => {
    stage = await stageHttp(aiTtft, { latency: '1h' }, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatEvent(0));
      response.write(chatEvent(1));
    });
    stage.client.send(POST);
    await until('the response is held', () => stage?.front.metered.held === 1);
    expect(stage.client.text).toBe('');
    stage.front.put();
    await stage.client.sees('word1');
    expect(dechunk(stage.client.text)).toBe(chatEvent(0) + chatEvent(1));
  });

  it('lets go of a preamble whose first token has not come when it is taken back', async () => {
    stage = await stageHttp(aiTtft, { latency: '1h' }, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatEvent(0));
      response.write('data: {"half');
    });
    stage.client.send(POST);
    await until('the upstream was asked', () => stage?.seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    stage.front.put();
    await stage.client.sees('{"half');
    expect(dechunk(stage.client.text)).toBe(`${chatEvent(0)}data: {"half`);
    expect(stage.fault.counts).toMatchObject({ injected: 0 });
  });
});

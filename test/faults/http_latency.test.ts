import { afterEach, describe, expect, it } from 'vitest';
import { httpLatency } from '../../src/faults/http_latency.ts';
import { until } from '../support/until.ts';
import { playHttp, read, settled } from './http-play.ts';
import { type Stage, stageHttp } from './http-stage.ts';

describe('http_latency', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('holds a request for its latency, then forwards it', async () => {
    const { behaviour, clock, counts } = playHttp(httpLatency, { latency: '250ms' });
    const act = behaviour.request?.();
    clock.advance(249);
    expect(await settled(act)).toBe(false);
    clock.advance(1);
    expect(await act).toEqual({ do: 'forward' });
    expect(counts.injected).toBe(1);
  });

  it.each([
    [0, 200],
    [0.5, 250],
    [0.75, 275],
  ])('draws %d as a delay of %d ms for 250 ms ± 50 ms', (draw, ms) => {
    const { behaviour, holds } = playHttp(httpLatency, { latency: 250, jitter: 50 }, { draws: [draw] });
    void behaviour.request?.();
    expect(holds).toEqual([ms]);
  });

  it('explains itself and says what it adds at most', () => {
    const attributes = read(httpLatency, { latency: '1s', jitter: '100ms' });
    expect(httpLatency.explain(attributes as never)).toBe('delay each request by 1 s ± 100 ms');
    expect(httpLatency.addedLatency(attributes as never)).toBe(1100);
  });

  it('holds a real request before the upstream sees it, and lets it go at once when taken back', async () => {
    stage = await stageHttp(httpLatency, { latency: '1h' }, (_, response) => response.end('ok'));
    stage.client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('the request is held', () => stage?.front.metered.held === 1);
    expect(stage.seen).toHaveLength(0);
    stage.front.put();
    expect(stage.front.metered.held).toBe(0);
    await stage.client.sees(/200 OK[\s\S]*ok/);
    expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
  });

  it('never asks the upstream for a client that gave up waiting', async () => {
    stage = await stageHttp(httpLatency, { latency: '1h' }, (_, response) => response.end('ok'));
    stage.client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('the request is held', () => stage?.front.metered.held === 1);
    stage.client.socket.destroy();
    await until('the unit is over', () => stage?.front.metered.answers.length === 1);
    expect(stage.front.metered).toMatchObject({ held: 0, answers: [{ status: 'error', injected: true }] });
    expect(stage.seen).toHaveLength(0);
  });
});

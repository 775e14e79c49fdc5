import { afterEach, describe, expect, it } from 'vitest';
import { httpStall } from '../../src/faults/http_stall.ts';
import { until } from '../support/until.ts';
import { playHttp, read, settled } from './http-play.ts';
import { chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

describe('http_stall', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('splits the chunk in which it stops, and holds the rest', async () => {
    const { behaviour, counts, takeBack } = playHttp(httpStall, { afterBytes: 5 });
    expect(await behaviour.chunk?.(Buffer.from('abc'), 0)).toEqual({ do: 'pass' });
    expect(await behaviour.chunk?.(Buffer.from('defg'), 3)).toEqual({ do: 'split', at: 2 });
    const rest = behaviour.chunk?.(Buffer.from('fg'), 5);
    expect(await settled(rest)).toBe(false);
    takeBack();
    expect(await rest).toEqual({ do: 'pass' });
    expect(counts).toEqual({ injected: 1, skipped: [] });
  });

  it('leaves a body alone that is no longer than that', async () => {
    const { behaviour, counts } = playHttp(httpStall, { afterBytes: 5 });
    await behaviour.chunk?.(Buffer.from('abcde'), 0);
    await behaviour.end?.();
    expect(counts).toEqual({ injected: 0, skipped: ['body too short'] });
  });

  it('explains itself', () => {
    expect(httpStall.explain(read(httpStall, { afterBytes: '2KiB' }) as never)).toBe(
      'stall each answer after 2 KiB of its body, until taken back',
    );
  });

  it.each([0, 1, 100])(
    'lets exactly %d bytes of a real body through, and the rest when taken back',
    async (afterBytes) => {
      const body = 'x'.repeat(100_000);
      stage = await stageHttp(httpStall, { afterBytes }, (_, response) => response.end(body));
      stage.client.send(POST);
      await until('the answer is held', () => stage?.front.metered.held === 1);
      await stage.client.sees(`\r\n\r\n${'x'.repeat(afterBytes)}`);
      expect(stage.client.text.split('\r\n\r\n')[1]).toBe('x'.repeat(afterBytes));
      stage.front.put();
      await until('all of it has come', () => stage?.client.text.endsWith(body));
      expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
    },
  );

  it('stalls a stream of events within an event', async () => {
    stage = await stageHttp(httpStall, { afterBytes: 10 }, chatStream(3));
    stage.client.send(POST);
    await until('the answer is held', () => stage?.front.metered.held === 1);
    await stage.client.sees('data: {"id');
    expect(dechunk(stage.client.text)).toBe('data: {"id');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { httpAbort } from '../../src/faults/http_abort.ts';
import { playHttp, read } from './http-play.ts';
import { chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

describe('http_abort', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('lets exactly its bytes through, wherever chunks begin and end', () => {
    const { behaviour, counts } = playHttp(httpAbort, { at: 'body', afterBytes: 5 });
    expect(behaviour.chunk?.(Buffer.from('abc'), 0)).toEqual({ do: 'pass' });
    expect(counts.injected).toBe(0);
    expect(behaviour.chunk?.(Buffer.from('defg'), 3)).toEqual({
      do: 'cut',
      how: 'rst',
      before: Buffer.from('de'),
    });
    expect(counts.injected).toBe(1);
  });

  it('leaves a shorter body alone and says so', () => {
    const { behaviour, counts } = playHttp(httpAbort, { at: 'body', afterBytes: 5 });
    behaviour.chunk?.(Buffer.from('abc'), 0);
    behaviour.end?.();
    expect(counts).toEqual({ injected: 0, skipped: ['body too short'] });
  });

  it.each([
    ['request', 'reset the connection of each request before it is forwarded'],
    ['headers', 'forward each request and reset the connection in place of an answer'],
    ['body', "reset the connection after 2 KiB of each answer's body"],
  ])('explains itself at %s', (at, sentence) => {
    expect(httpAbort.explain(read(httpAbort, { at, afterBytes: '2KiB' }) as never)).toBe(sentence);
  });

  it('resets a real connection before the upstream is asked', async () => {
    stage = await stageHttp(httpAbort, { at: 'request' }, (_, response) => response.end('ok'));
    stage.client.send(POST);
    expect(await stage.client.end()).toBe('rst');
    expect(stage.client.text).toBe('');
    expect(stage.seen).toHaveLength(0);
    expect(stage.front.metered.answers).toMatchObject([{ status: 'error', injected: true }]);
  });

  it('resets a real connection in place of the head', async () => {
    stage = await stageHttp(httpAbort, { at: 'headers' }, (_, response) => response.end('ok'));
    stage.client.send(POST);
    expect(await stage.client.end()).toBe('rst');
    expect(stage.client.text).toBe('');
    expect(stage.seen).toHaveLength(1);
  });

  it('resets a real connection within the body, a stream of events included', async () => {
    stage = await stageHttp(httpAbort, { at: 'body', afterBytes: 10 }, chatStream(3));
    stage.client.send(POST);
    expect(await stage.client.end()).toBe('rst');
    expect(dechunk(stage.client.text)).toBe('data: {"id');
  });
});

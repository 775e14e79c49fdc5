import { afterEach, describe, expect, it } from 'vitest';
import { httpTruncate } from '../../src/faults/http_truncate.ts';
import { playHttp, read } from './http-play.ts';
import { chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

describe('http_truncate', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('ends well at exactly its bytes', () => {
    const { behaviour, counts } = playHttp(httpTruncate, { afterBytes: 5 });
    expect(behaviour.chunk?.(Buffer.from('abc'), 0)).toEqual({ do: 'pass' });
    expect(behaviour.chunk?.(Buffer.from('defg'), 3)).toEqual({
      do: 'cut',
      how: 'clean',
      before: Buffer.from('de'),
    });
    expect(counts.injected).toBe(1);
  });

  it('leaves a body alone that is no longer than that', () => {
    const { behaviour, counts } = playHttp(httpTruncate, { afterBytes: 5 });
    expect(behaviour.chunk?.(Buffer.from('abcde'), 0)).toEqual({ do: 'pass' });
    behaviour.end?.();
    expect(counts).toEqual({ injected: 0, skipped: ['body too short'] });
  });

  it('explains itself', () => {
    expect(httpTruncate.explain(read(httpTruncate, { afterBytes: 64 }) as never)).toBe(
      'end each answer after 64 B of its body, as if it were whole',
    );
  });

  it('ends a real body of known length well, without telling a length', async () => {
    stage = await stageHttp(httpTruncate, { afterBytes: 4 }, (_, response) => {
      response.setHeader('content-length', '9');
      response.end('{"a":"b"}');
    });
    stage.client.send(POST);
    await stage.client.sees('\r\n0\r\n\r\n');
    expect(dechunk(stage.client.text)).toBe('{"a"');
    expect(stage.client.text).not.toMatch(/content-length/i);
    expect(stage.client.ended).toBeUndefined();
    expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
  });

  it('ends the body of an HTTP/1.0 client with its connection, by FIN', async () => {
    stage = await stageHttp(httpTruncate, { afterBytes: 4 }, (_, response) => response.end('{"a":"b"}'));
    stage.client.send('GET / HTTP/1.0\r\n\r\n');
    expect(await stage.client.end()).toBe('fin');
    expect(stage.client.text.split('\r\n\r\n')[1]).toBe('{"a"');
  });

  it('ends a stream of events within an event', async () => {
    stage = await stageHttp(httpTruncate, { afterBytes: 10 }, chatStream(3));
    stage.client.send(POST);
    await stage.client.sees('\r\n0\r\n\r\n');
    expect(dechunk(stage.client.text)).toBe('data: {"id');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { aiStreamCut } from '../../src/faults/ai_stream_cut.ts';
import { until } from '../support/until.ts';
import { playHttp, read } from './http-play.ts';
import { chatEvent, chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

const FIVE = [0, 1, 2, 3, 4].map(chatEvent).join('');

describe('ai_stream_cut', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('cuts at the event after those it lets pass', async () => {
    const { behaviour, counts } = playHttp(aiStreamCut, { afterEvents: 1, with: 'fin' });
    const event = Buffer.from('data: x\n\n');
    expect(await behaviour.event?.(event, 0)).toEqual({ do: 'pass' });
    expect(await behaviour.event?.(event, 1)).toEqual({ do: 'cut', how: 'fin' });
    expect(counts.injected).toBe(1);
  });

  it.each([
    ['rst', 'reset the connection of each stream after 5 events'],
    ['fin', 'close the connection of each stream after 5 events'],
    ['clean', 'end, as if it were whole, each stream after 5 events'],
  ])('explains itself with %s', (how, sentence) => {
    expect(aiStreamCut.explain(read(aiStreamCut, { afterEvents: 5, with: how }) as never)).toBe(sentence);
  });

  it.each([
    ['rst', 'rst', false],
    ['fin', 'fin', false],
  ] as const)(
    'delivers five whole events of a real stream, then breaks it by %s',
    async (how, ends, whole) => {
      stage = await stageHttp(aiStreamCut, { afterEvents: 5, with: how }, chatStream(9));
      stage.client.send(POST);
      expect(await stage.client.end()).toBe(ends);
      expect(dechunk(stage.client.text)).toBe(FIVE);
      expect(stage.client.text.endsWith('\r\n0\r\n\r\n')).toBe(whole);
      expect(stage.front.metered.answers).toMatchObject([{ status: 'error', injected: true }]);
    },
  );

  it('delivers five whole events of a real stream, then ends it well without its terminator', async () => {
    stage = await stageHttp(aiStreamCut, { afterEvents: 5, with: 'clean' }, chatStream(9));
    stage.client.send(POST);
    await stage.client.sees('\r\n0\r\n\r\n');
    expect(dechunk(stage.client.text)).toBe(FIVE);
    expect(stage.client.ended).toBeUndefined();
    expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
  });

  it('cancels the upstream, whose further tokens nobody would read', async () => {
    let closed = false;
    stage = await stageHttp(aiStreamCut, { afterEvents: 1, with: 'clean' }, (_, response) => {
      response.on('close', () => {
        closed = !response.writableFinished;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chatEvent(0) + chatEvent(1));
    });
    stage.client.send(POST);
    await stage.client.sees('\r\n0\r\n\r\n');
    await until('the upstream is cancelled', () => closed);
  });

  it('asks for an answer that is not compressed, and leaves one that is not a stream alone', async () => {
    stage = await stageHttp(aiStreamCut, { afterEvents: 0 }, (request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ encoding: request.headers['accept-encoding'] ?? 'none' }));
    });
    stage.client.send('GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n');
    await stage.client.sees('{"encoding":"identity"}');
    expect(stage.fault.counts).toEqual({ matched: 1, injected: 0, skipped: ['not a stream'] });
  });
});

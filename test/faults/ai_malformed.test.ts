import { afterEach, describe, expect, it } from 'vitest';
import { aiMalformed } from '../../src/faults/ai_malformed.ts';
import { playHttp, read } from './http-play.ts';
import { chatEvent, chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

describe('ai_malformed', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('breaks one event, whole as an event and broken as JSON, and keeps its name', () => {
    const { behaviour, counts } = playHttp(aiMalformed, { afterEvents: 1 });
    const event = Buffer.from('event: x\r\ndata: {"a":"bcd"}\r\n\r\n');
    expect(behaviour.event?.(event, 0)).toEqual({ do: 'pass' });
    expect(behaviour.event?.(event, 1)).toEqual({
      do: 'replace',
      with: Buffer.from('event: x\r\ndata: {"a":"\r\n\r\n'),
    });
    expect(behaviour.event?.(event, 2)).toEqual({ do: 'pass' });
    expect(counts.injected).toBe(1);
  });

  it('passes over what no client reads as JSON', () => {
    const { behaviour, counts } = playHttp(aiMalformed, {});
    for (const event of ['event: ping\ndata: {"type":"ping"}\n\n', 'data: [DONE]\n\n', 'event: x\n\n']) {
      expect(behaviour.event?.(Buffer.from(event), 0)).toEqual({ do: 'pass' });
    }
    behaviour.end?.();
    expect(counts).toEqual({ injected: 0, skipped: ['nothing to break'] });
  });

  it.each(['{}', '{"a":1}', ' {"a":{"b":[1,2]}}\n', '{"ä":"😀😀"}'])('leaves no JSON of %j', (body) => {
    const { behaviour } = playHttp(aiMalformed, {});
    const act = behaviour.whole?.(Buffer.from(body)) as { with: Buffer };
    expect(() => JSON.parse(act.with.toString())).toThrow(SyntaxError);
  });

  it('explains itself', () => {
    expect(aiMalformed.explain(read(aiMalformed, { afterEvents: 3 }) as never)).toBe(
      'break the JSON of one event of each stream after 3 events, or of the answer',
    );
  });

  it('breaks one event of a real stream, and the rest of it goes on', async () => {
    stage = await stageHttp(aiMalformed, { afterEvents: 1 }, chatStream(3));
    stage.client.send(POST);
    await stage.client.sees('[DONE]');
    const events = dechunk(stage.client.text).split('\n\n');
    expect(events).toHaveLength(5);
    expect(`${events[0]}\n\n`).toBe(chatEvent(0));
    expect(chatEvent(1).startsWith(events[1]!)).toBe(true);
    expect(() => JSON.parse(events[1]!.slice(6))).toThrow(SyntaxError);
    expect(`${events[2]}\n\n`).toBe(chatEvent(2));
  });

  it('breaks a real answer that is not a stream, in a transfer that is whole', async () => {
    stage = await stageHttp(aiMalformed, {}, (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"id":"chatcmpl-1"}');
    });
    stage.client.send(POST);
    await stage.client.sees('\r\n0\r\n\r\n');
    expect(dechunk(stage.client.text)).toBe('{"id":"cha');
    expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
  });
});

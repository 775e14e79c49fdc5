import { afterEach, describe, expect, it } from 'vitest';
import { aiStreamError } from '../../src/faults/ai_stream_error.ts';
import { playHttp, read } from './http-play.ts';
import { chatEvent, chatStream, dechunk, POST, type Stage, stageHttp } from './http-stage.ts';

type Play = Parameters<typeof playHttp>[2];

/** What comes in place of an event. */
function frame(attributes: object, event: string, options: Play): string {
  const { behaviour } = playHttp(aiStreamError, attributes as never, options);
  const act = behaviour.event?.(Buffer.from(event), 0) as { do: string; how: string; before: Buffer };
  expect(act).toMatchObject({ do: 'cut', how: 'clean' });
  return act.before.toString();
}

function json(text: string): ReturnType<typeof JSON.parse> {
  return JSON.parse(/^data: (.*)$/m.exec(text)![1]!);
}

describe('ai_stream_error', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('fails a chat completion by a frame with an error and the end marker', () => {
    const text = frame({}, chatEvent(0), { protocol: 'openai' });
    expect(text).toMatch(/^data: \{"error":.*\}\n\ndata: \[DONE\]\n\n$/);
    expect(json(text).error).toMatchObject({ type: 'server_error', param: null, code: null });
  });

  it.each([
    ['nested', { type: 'error', error: { type: 'server_error', code: 'server_error' }, sequence_number: 7 }],
    [
      'flat',
      { type: 'error', code: 'server_error', message: expect.any(String), param: null, sequence_number: 7 },
    ],
    [
      'failed',
      {
        type: 'response.failed',
        response: { status: 'failed', error: { code: 'server_error' } },
        sequence_number: 7,
      },
    ],
  ])(
    'fails a response by a %s error under the number of the event whose place it takes',
    (shape, expected) => {
      const event =
        'event: response.in_progress\ndata: {"type":"response.in_progress","sequence_number":7}\n\n';
      const text = frame({ shape }, event, { protocol: 'openai' });
      expect(json(text)).toMatchObject(expected);
      expect(text.split('\n')[0]).toBe(`event: ${expected.type}`);
    },
  );

  it('keeps the identity of a response that fails', () => {
    const event = `event: response.created\ndata: ${JSON.stringify({ type: 'response.created', response: { id: 'resp_1', model: 'm' } })}\n\n`;
    expect(json(frame({ shape: 'failed' }, event, {})).response).toMatchObject({ id: 'resp_1', model: 'm' });
  });

  it('fails a message by an event named error, in the envelope of its API', () => {
    const text = frame({ kind: 'overloaded' }, 'event: message_start\ndata: {"type":"message_start"}\n\n', {
      protocol: 'anthropic',
    });
    expect(text).toMatch(/^event: error\ndata: .*\n\n$/);
    expect(json(text)).toEqual({
      type: 'error',
      error: { details: null, type: 'overloaded_error', message: 'Overloaded' },
      request_id: expect.stringMatching(/^req_/),
    });
  });

  it('fails generated content by a chunk with the status of its API', () => {
    const text = frame({ kind: 'overloaded' }, 'data: {"candidates":[]}\r\n\r\n', { protocol: 'gemini' });
    expect(json(text).error).toMatchObject({ code: 503, status: 'UNAVAILABLE' });
  });

  it('fails a message under the id that its head has told', () => {
    const { behaviour } = playHttp(aiStreamError, {}, { protocol: 'anthropic' });
    behaviour.head?.({ status: 200, headers: { 'request-id': 'req_1' }, events: true });
    const act = behaviour.event?.(Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'), 0) as {
      before: Buffer;
    };
    expect(json(act.before.toString()).request_id).toBe('req_1');
  });

  it.each([
    [0, '[{"candidates":[]}', /^\[\{[\s\S]*\}\n\]\n$/],
    [2, ',\r\n{"candidates":[]}', /^,\r\n\{[\s\S]*\}\n\]\n$/],
  ])('fails piece %d of a JSON array within it, and closes it', (index, piece, expected) => {
    const { behaviour } = playHttp(
      aiStreamError,
      { afterEvents: index },
      { protocol: 'gemini', request: { array: true } },
    );
    const act = behaviour.event?.(Buffer.from(piece), index) as { how: string; before: Buffer };
    expect(act.how).toBe('clean');
    expect(act.before.toString()).toMatch(expected);
    const [{ error }] = JSON.parse(act.before.toString().replace(/^,/, '['));
    expect(error).toMatchObject({ code: 500, status: 'INTERNAL' });
  });

  it('explains itself', () => {
    expect(aiStreamError.explain(read(aiStreamError, { afterEvents: 2, kind: 'overloaded' }) as never)).toBe(
      "end each stream after 2 events with the provider's overloaded error, behind status 200",
    );
  });

  it('ends a real stream well, with the error as its last events', async () => {
    stage = await stageHttp(aiStreamError, { afterEvents: 2 }, chatStream(5));
    stage.client.send(POST);
    await stage.client.sees('\r\n0\r\n\r\n');
    const body = dechunk(stage.client.text);
    expect(body.startsWith(chatEvent(0) + chatEvent(1))).toBe(true);
    expect(body.slice((chatEvent(0) + chatEvent(1)).length)).toMatch(
      /^data: \{"error".*\n\ndata: \[DONE\]\n\n$/,
    );
    expect(stage.front.metered.answers).toMatchObject([{ status: '200', injected: true }]);
  });

  it('leaves an answer alone that is not a stream', async () => {
    stage = await stageHttp(aiStreamError, {}, (_, response) => response.end('{}'));
    stage.client.send(POST);
    await stage.client.sees('{}');
    expect(stage.fault.counts).toEqual({ matched: 1, injected: 0, skipped: ['not a stream'] });
  });
});

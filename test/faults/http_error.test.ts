import { afterEach, describe, expect, it } from 'vitest';
import { httpError } from '../../src/faults/http_error.ts';
import { playHttp, read } from './http-play.ts';
import { POST, type Stage, stageHttp } from './http-stage.ts';

describe('http_error', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('answers with its status, headers and body', () => {
    const { behaviour, counts } = playHttp(httpError, {
      status: 503,
      headers: { 'Retry-After': '7' },
      body: 'down',
    });
    expect(behaviour.request?.()).toEqual({
      do: 'reply',
      status: 503,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'Retry-After': '7' },
      body: 'down',
    });
    expect(counts.injected).toBe(1);
  });

  it.each([
    [{ status: 99 }, /200/],
    [{ status: 600 }, /599/],
    [{ headers: { 'bad name': 'x' } }, /character that HTTP does not allow/],
    [{ headers: { 'x-split': 'a\r\nset-cookie: b' } }, /character that HTTP does not allow/],
    [{ headers: { 'Content-Length': '9' } }, /set by the proxy itself/],
  ])('refuses %j', (attributes, message) => {
    expect(() => read(httpError, attributes as never)).toThrow(message);
  });

  it('explains itself', () => {
    const attributes = read(httpError, { status: 503, headers: { 'Retry-After': '7' }, body: 'down' });
    expect(httpError.explain(attributes as never)).toBe(
      'answer each request with status 503 with Retry-After with a body of 4 B',
    );
  });

  it('answers a real request, whose body the upstream never sees, and keeps its connection', async () => {
    stage = await stageHttp(httpError, { status: 418, body: 'teapot' }, (_, response) =>
      response.end('real'),
    );
    stage.client.send(POST);
    await stage.client.sees(/418[\s\S]*teapot$/);
    stage.front.put();
    stage.client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await stage.client.sees(/200 OK[\s\S]*real/);
    expect(stage.seen).toHaveLength(1);
    expect(stage.front.metered.answers).toMatchObject([
      { status: '418', injected: true },
      { status: '200', injected: false },
    ]);
  });

  it('sends no body with a status that has none', async () => {
    stage = await stageHttp(httpError, { status: 204, body: 'nothing' }, (_, response) =>
      response.end('real'),
    );
    stage.client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await stage.client.sees(/204 No Content[\s\S]*\r\n\r\n$/);
    expect(stage.client.text).not.toMatch(/nothing|content-length/i);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyTells, hintsFromBody, hintsFromUrl } from '../../../src/protocols/http/peek.ts';
import { topLevel } from '../../../src/protocols/http/top-level.ts';

describe('What a request says about itself', () => {
  it.each([
    ['/v1beta/models/gemini-2.0-flash:generateContent', 'gemini-2.0-flash', false, false],
    ['/v1beta/models/m:generateContent?alt=sse', 'm', false, false],
    ['/v1/models/gemini-2.0-flash:streamGenerateContent', 'gemini-2.0-flash', true, true],
    ['/v1/models/m:streamGenerateContent?key=x&alt=sse', 'm', true, false],
    ['/v1/models/m:streamGenerateContent?%24alt=sse', 'm', true, false],
    ['/v1/models/m:streamGenerateContent?alt=json', 'm', true, true],
    ['/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent', 'm', true, true],
    ['/openai/deployments/my%20gpt/chat/completions', 'my gpt', false, false],
    ['/v1/chat/completions?model=/models/m:streamGenerateContent', undefined, false, false],
    ['/v1/models/gpt-4o', undefined, false, false],
    ['/openai/deployments/bad%zz/chat/completions', 'bad%zz', false, false],
  ])('by its URL %s', (url, model, streaming, array) => {
    expect(hintsFromUrl(url)).toEqual({ model, streaming, array, usage: false });
  });

  it.each([
    ['{"model":"gpt-4o","stream":true}', 'gpt-4o', true],
    ['{"stream":false,"model":"x"}', 'x', false],
    ['{"model":7,"stream":"true"}', undefined, false],
    ['{"messages":[{"content":"{\\"model\\":\\"fake\\"}"}]}', undefined, false],
    ['null', undefined, false],
    ['{"model":"cut', undefined, false],
    ['{"model":"gpt-4o","stream":true,"messages":[{"content":"cut', 'gpt-4o', true],
    [
      ' \n{"a\\"model":1,"messages":[{"model":"fake","x":["\\\\"]}], "model" : "m\\u0041","s":"cut',
      'mA',
      false,
    ],
    ['{"model":"m","stream":true,"stream_options":{"include_usage":true}}', 'm', true],
    ['{"stream":tru', undefined, false],
    ['{"n":-1.5e3,"model":"m","stream":true', 'm', false],
    ['{"a":"model","b":"x"', undefined, false],
    ['not json at all: "model": "x"', undefined, false],
  ])('by its body %s', (body, model, streaming) => {
    expect(hintsFromBody(Buffer.from(body), hintsFromUrl('/v1/chat/completions'))).toEqual({
      model,
      streaming,
      array: false,
      usage: body.includes('include_usage'),
    });
  });

  it('by the beginning of any body as by all of it, as far as that holds its members', () => {
    const key = fc.constantFrom('model', 'stream', 'messages', 'a');
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), fc.nat(), (written, cut) => {
        const whole = JSON.stringify(written);
        // JSON has no -0.
        const value = JSON.parse(whole);
        const { model, stream } = topLevel(Buffer.from(`${whole.slice(0, -1)},`), ['model', 'stream']);
        const scalar = (member: unknown) =>
          typeof member === 'object' && member !== null ? undefined : member;
        expect(model).toEqual(scalar(value.model));
        expect(stream).toEqual(scalar(value.stream));
        topLevel(Buffer.from(whole.slice(0, cut % (whole.length + 1))), ['model']);
      }),
    );
  });

  it.each([
    ['POST', '/v1/chat/completions', { 'content-type': 'application/json; charset=utf-8' }, true],
    ['GET', '/v1/models', { 'content-type': 'application/json' }, false],
    ['POST', '/v1/audio/transcriptions', { 'content-type': 'multipart/form-data; boundary=x' }, false],
    ['POST', '/v1/x', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, true],
    ['POST', '/v1/x', { 'content-type': 'application/json', 'content-encoding': 'zstd' }, false],
    ['POST', '/v1beta/models/m:generateContent', { 'content-type': 'application/json' }, false],
  ])('in the body of %s %s with %j: %s', (method, path, headers, expected) => {
    expect(bodyTells(method, path, headers)).toBe(expected);
  });
});

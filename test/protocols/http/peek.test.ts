import { describe, expect, it } from 'vitest';
import { bodyTells, hintsFromBody, hintsFromPath } from '../../../src/protocols/http/peek.ts';

describe('What a request says about itself', () => {
  it.each([
    ['/v1beta/models/gemini-2.0-flash:generateContent', 'gemini-2.0-flash', false],
    ['/v1/models/gemini-2.0-flash:streamGenerateContent', 'gemini-2.0-flash', true],
    ['/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent', 'm', true],
    ['/openai/deployments/my%20gpt/chat/completions', 'my gpt', false],
    ['/v1/chat/completions', undefined, false],
    ['/v1/models/gpt-4o', undefined, false],
    ['/openai/deployments/bad%zz/chat/completions', 'bad%zz', false],
  ])('by its path %s', (path, model, streaming) => {
    expect(hintsFromPath(path)).toEqual({ model, streaming });
  });

  it.each([
    ['{"model":"gpt-4o","stream":true}', 'gpt-4o', true],
    ['{"stream":false,"model":"x"}', 'x', false],
    ['{"model":7,"stream":"true"}', undefined, false],
    ['{"messages":[{"content":"{\\"model\\":\\"fake\\"}"}]}', undefined, false],
    ['null', undefined, false],
    ['{"model":"cut', undefined, false],
  ])('by its body %s', (body, model, streaming) => {
    expect(hintsFromBody(Buffer.from(body), '/v1/chat/completions')).toEqual({ model, streaming });
  });

  it.each([
    ['POST', '/v1/chat/completions', { 'content-type': 'application/json; charset=utf-8' }, true],
    ['GET', '/v1/models', { 'content-type': 'application/json' }, false],
    ['POST', '/v1/audio/transcriptions', { 'content-type': 'multipart/form-data; boundary=x' }, false],
    ['POST', '/v1/x', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, false],
    ['POST', '/v1beta/models/m:generateContent', { 'content-type': 'application/json' }, false],
  ])('in the body of %s %s with %j: %s', (method, path, headers, expected) => {
    expect(bodyTells(method, path, headers)).toBe(expected);
  });
});

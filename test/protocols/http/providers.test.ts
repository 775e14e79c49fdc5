import { describe, expect, it } from 'vitest';
import {
  AI_ERROR_KINDS,
  type AiErrorKind,
  type ErrorReply,
  type ErrorRequest,
} from '../../../src/protocols/http/providers/contract.ts';
import { providerOf } from '../../../src/protocols/http/providers/index.ts';
import { goDuration, protobufDuration, rfc3339 } from '../../../src/protocols/http/providers/wait-hints.ts';

function ask(
  protocol: 'openai' | 'anthropic' | 'gemini',
  kind: AiErrorKind,
  request: Partial<ErrorRequest> = {},
): ErrorReply & { json: ReturnType<typeof JSON.parse> } {
  let draws = 0;
  const reply = providerOf(protocol).error(kind, {
    model: 'some-model',
    path: '/v1/chat/completions',
    streaming: false,
    array: false,
    usage: false,
    retryAfterMs: 2500,
    wall: Date.UTC(2026, 10, 20, 10, 0, 0),
    random: () => (draws++ % 16) / 16,
    ...request,
  });
  const json = reply.headers['content-type']?.includes('json') ? JSON.parse(reply.body) : undefined;
  return { ...reply, json };
}

describe('OpenAI', () => {
  it.each([
    ['rate_limit', 429, 'requests', 'rate_limit_exceeded', null],
    ['token_limit', 429, 'tokens', 'rate_limit_exceeded', null],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota', null],
    ['overloaded', 503, 'service_unavailable_error', 'server_is_overloaded', null],
    ['server_error', 500, 'server_error', null, null],
    ['bad_gateway', 502, 'cf_bad_gateway', 502, null],
    ['invalid_key', 401, 'invalid_request_error', 'invalid_api_key', null],
    ['model_not_found', 404, 'invalid_request_error', 'model_not_found', null],
    ['context_length', 400, 'invalid_request_error', 'context_length_exceeded', 'messages'],
    ['content_filter', 400, 'invalid_request_error', 'invalid_prompt', null],
  ] as const)('answers %s with %d, type %s, code %s, param %s', (kind, status, type, code, param) => {
    const reply = ask('openai', kind);
    expect(reply.status).toBe(status);
    expect(reply.json.error).toMatchObject({ message: expect.any(String), type, code, param });
  });

  it('says a rate limit in all its headers and in the text', () => {
    const { headers, json } = ask('openai', 'rate_limit');
    expect(headers).toMatchObject({
      'retry-after': '3',
      'retry-after-ms': '2500',
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-limit-tokens': '30000',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-remaining-tokens': '29940',
      'x-ratelimit-reset-requests': '1m0s',
      'x-ratelimit-reset-tokens': '120ms',
      'x-request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
    });
    expect(json.error.message).toMatch(
      /^Rate limit reached for some-model in organization org-\w{24} on requests per min \(RPM\): Limit 500, Used 500, Requested 1\. Please try again in 2\.5s\.$/,
    );
  });

  it('says nothing of a wait where none is given', () => {
    const { headers, json } = ask('openai', 'rate_limit', { retryAfterMs: 0 });
    expect(Object.keys(headers)).not.toContain('retry-after');
    expect(json.error.message).not.toContain('try again');
  });

  it('gives no hint with a quota that is used up, which no wait brings back', () => {
    expect(
      Object.keys(ask('openai', 'quota').headers).filter((name) => /retry|ratelimit/.test(name)),
    ).toEqual([]);
  });

  it('names `input` for a context that is too long on the Responses API', () => {
    expect(ask('openai', 'context_length', { path: '/v1/responses' }).json.error.param).toBe('input');
  });

  it('answers a gateway page in HTML', () => {
    const { status, headers, body } = ask('openai', 'gateway_html');
    expect(status).toBe(502);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' });
    expect(headers['cf-ray']).toMatch(/^[0-9a-f]{16}-[A-Z]{3}$/);
    expect(body).toContain('<title>api.openai.com | 502: Bad gateway</title>');
  });

  it('speaks as Azure on its paths: the code is a text', () => {
    const path = '/openai/deployments/d/chat/completions';
    const { headers, json } = ask('openai', 'token_limit', { path });
    expect(json.error).toEqual({
      code: '429',
      message: expect.stringContaining('Please retry after 3 seconds.'),
    });
    expect(headers).toMatchObject({
      'retry-after': '3',
      'retry-after-ms': '2500',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '3',
    });
    expect(ask('openai', 'model_not_found', { path }).json.error.code).toBe('DeploymentNotFound');
    expect(ask('openai', 'invalid_key', { path }).json.error.code).toBe('401');
  });

  it.each(AI_ERROR_KINDS)('answers %s from behind its own gateway on the paths of Azure', (kind) => {
    for (const path of ['/openai/deployments/d/chat/completions', '/openai/v1/responses']) {
      const { headers } = ask('openai', kind, { path });
      for (const name of ['cf-ray', 'server', 'openai-version', 'openai-processing-ms']) {
        expect(headers[name]).toBeUndefined();
      }
      if (!kind.includes('gateway')) {
        expect(headers['apim-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      }
    }
  });

  it('says on Azure what its content filter found, in 400', () => {
    const { status, json } = ask('openai', 'content_filter', {
      path: '/openai/deployments/d/chat/completions',
    });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      code: 'content_filter',
      param: 'prompt',
      innererror: { code: 'ResponsibleAIPolicyViolation' },
    });
  });

  it.each([
    ['/openai/deployments/d/embeddings', 'Embeddings_Create'],
    ['/openai/v1/responses', 'Responses_Create'],
    ['/openai/deployments/d/chat/completions', 'ChatCompletions_Create'],
  ])('names on Azure the operation of %s: %s', (path, operation) => {
    expect(ask('openai', 'rate_limit', { path }).json.error.message).toContain(`the ${operation} Operation`);
  });

  it.each([
    ['data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n', false],
    ['data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n', true],
    ['data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}\n\n', true],
    ['data: {"choices":[],"prompt_filter_results":[]}\n\n', false],
    ['data: [DONE]\n\n', false],
    ['event: response.created\ndata: {}\n\n', false],
    ['event: response.output_text.delta\ndata: {}\n\n', true],
  ])('has a token in %j: %s', (event, expected) => {
    expect(providerOf('openai').carriesToken(Buffer.from(event))).toBe(expected);
  });
});

describe('Anthropic', () => {
  it.each([
    ['rate_limit', 429, 'rate_limit_error'],
    ['token_limit', 429, 'rate_limit_error'],
    ['quota', 429, 'rate_limit_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['server_error', 500, 'api_error'],
    ['invalid_key', 401, 'authentication_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['context_length', 400, 'invalid_request_error'],
    ['content_filter', 400, 'invalid_request_error'],
  ] as const)('answers %s with %d and type %s', (kind, status, type) => {
    const { status: seen, headers, json } = ask('anthropic', kind);
    expect(seen).toBe(status);
    expect(json).toMatchObject({ type: 'error', error: { type, message: expect.any(String) } });
    expect(json.request_id).toMatch(/^req_/);
    expect(headers['request-id']).toBe(json.request_id);
  });

  it('says a rate limit in its headers, with resets as RFC 3339 times', () => {
    const { headers } = ask('anthropic', 'rate_limit');
    expect(headers['retry-after']).toBe('3');
    for (const name of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      expect(headers[`anthropic-ratelimit-${name}-limit`]).toMatch(/^\d+$/);
      expect(headers[`anthropic-ratelimit-${name}-reset`]).toBe('2026-11-20T10:00:03Z');
    }
    expect(headers['anthropic-ratelimit-requests-remaining']).toBe('0');
  });

  it('tells a spend limit from a rate limit only by its details', () => {
    const { headers, json } = ask('anthropic', 'quota');
    expect(json.error.details).toEqual({ error_code: 'enforced_spend_limit_reached' });
    expect(Object.keys(headers)).not.toContain('retry-after');
  });

  it('asks for a retry when overloaded, without saying when', () => {
    const { headers } = ask('anthropic', 'overloaded');
    expect(headers['x-should-retry']).toBe('true');
    expect(Object.keys(headers)).not.toContain('retry-after');
  });
});

describe('Gemini', () => {
  it.each([
    ['rate_limit', 429, 'RESOURCE_EXHAUSTED'],
    ['token_limit', 429, 'RESOURCE_EXHAUSTED'],
    ['quota', 429, 'RESOURCE_EXHAUSTED'],
    ['overloaded', 503, 'UNAVAILABLE'],
    ['server_error', 500, 'INTERNAL'],
    ['invalid_key', 400, 'INVALID_ARGUMENT'],
    ['model_not_found', 404, 'NOT_FOUND'],
    ['context_length', 400, 'INVALID_ARGUMENT'],
  ] as const)('answers %s with %d and status %s', (kind, status, text) => {
    const reply = ask('gemini', kind);
    expect(reply.status).toBe(status);
    expect(reply.json.error).toMatchObject({ code: status, status: text });
  });

  it('says the wait in the body alone', () => {
    const { headers, json } = ask('gemini', 'rate_limit');
    const types = json.error.details.map((detail: { '@type': string }) => detail['@type'].split('.').at(-1));
    expect(types).toEqual(['QuotaFailure', 'Help', 'RetryInfo']);
    expect(json.error.details[2].retryDelay).toBe('2.5s');
    expect(Object.keys(headers).filter((name) => /retry|ratelimit/.test(name))).toEqual([]);
  });

  it('says of a wrong key that it is one in ErrorInfo', () => {
    expect(ask('gemini', 'invalid_key').json.error.details[0]).toMatchObject({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
    });
  });

  it('blocks a prompt in a success without candidates, as a stream where one was asked for', () => {
    const plain = ask('gemini', 'content_filter');
    expect(plain.status).toBe(200);
    expect(plain.json).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } });
    const { headers, body } = ask('gemini', 'content_filter', { streaming: true });
    expect(headers['content-type']).toBe('text/event-stream');
    expect(body).toMatch(/^data: \{.*\}\r\n\r\n$/);
  });

  it.each(AI_ERROR_KINDS.filter((kind) => !kind.includes('gateway')))(
    'answers %s in an array to a stream without alt=sse, and in JSON to one with it',
    (kind) => {
      const alone = ask('gemini', kind).json;
      const inArray = ask('gemini', kind, { streaming: true, array: true });
      expect(inArray.headers['content-type']).toBe('application/json; charset=UTF-8');
      expect(inArray.json).toEqual([alone]);
      if (alone.error) expect(ask('gemini', kind, { streaming: true }).json).toEqual(alone);
    },
  );

  it('is Vertex AI on its paths: a wrong token is 401, and no quota and no wait are told', () => {
    const path = '/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent';
    expect(ask('gemini', 'invalid_key', { path }).json.error).toMatchObject({
      code: 401,
      status: 'UNAUTHENTICATED',
    });
    const { status, json } = ask('gemini', 'rate_limit', { path });
    expect(status).toBe(429);
    expect(json.error.details).toBeUndefined();
    expect(ask('gemini', 'model_not_found', { path }).json.error.message).toContain(
      '`projects/p/locations/l/publishers/google/models/m`',
    );
    expect(ask('gemini', 'overloaded', { path }).status).toBe(503);
  });
});

describe('Every provider', () => {
  it.each(['openai', 'anthropic', 'gemini'] as const)(
    '%s puts its page for a dead gateway in HTML',
    (protocol) => {
      const { headers, body } = ask(protocol, 'gateway_html');
      expect(headers['content-type']).toMatch(/^text\/html/);
      expect(body).toMatch(/<title>[\s\S]*502[\s\S]*<\/title>/);
    },
  );

  it('answers each kind without a model as well', () => {
    for (const protocol of ['openai', 'anthropic', 'gemini'] as const) {
      for (const kind of AI_ERROR_KINDS) {
        const { body } = ask(protocol, kind, { model: undefined });
        expect(body).not.toContain('undefined');
      }
    }
  });
});

describe('Wait hints', () => {
  it.each([
    [0, '0s'],
    [0.5, '500µs'],
    [12, '12ms'],
    [1000, '1s'],
    [3890, '3.89s'],
    [360_000, '6m0s'],
    [84_000_000 - 90_856, '23h18m29.144s'],
  ])('print %d ms as Go does: %s', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  it('print as protobuf and RFC 3339 do', () => {
    expect(protobufDuration(18_403.470473)).toBe('18.403470473s');
    expect(rfc3339(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02T03:04:05Z');
  });
});

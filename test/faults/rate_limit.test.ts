import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpBehaviour, RequestAct } from '../../src/faults/contract.ts';
import { rateLimit } from '../../src/faults/rate_limit.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { playHttp, read } from './http-play.ts';
import { POST, type Stage, stageHttp } from './http-stage.ts';

type Options = NonNullable<Parameters<typeof playHttp>[2]>;

/** One proxy under one budget, on a clock that the test moves. */
function budget(attributes: object, options: Options = {}) {
  const clock = new FakeClock();
  const shared = new Map<string, unknown>();
  const request = () => playHttp(rateLimit, attributes as never, { ...options, clock, shared });
  return {
    clock,
    request,
    /** Tokens that are left, as OpenAI would tell it. */
    left() {
      const play = playHttp(rateLimit, attributes as never, { protocol: 'openai', clock, shared });
      return Number(headersOf(play.behaviour)['x-ratelimit-remaining-tokens']);
    },
    /** The status that a request is answered with, 200 where it is forwarded. */
    status() {
      const act = request().behaviour.request?.() as RequestAct;
      return act.do === 'reply' ? act.status : 200;
    },
    refused() {
      const act = request().behaviour.request?.() as RequestAct;
      if (act.do !== 'reply') throw new Error('it was not refused');
      return { ...act, body: String(act.body) };
    },
  };
}

const head = { status: 200, headers: {}, events: false };

/** What a success tells of the budget. */
function headersOf(behaviour: HttpBehaviour): Record<string, string> {
  const act = behaviour.head?.(head) as { set: Record<string, string> };
  return act.set;
}

const long = (bytes: number) => ({ request: { bodyBytes: bytes } });

describe('rate_limit', () => {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('lets a minute of requests through at once, then one for each share of a minute', () => {
    const { clock, status } = budget({ requestsPerMinute: 6 });
    expect(Array.from({ length: 8 }, status)).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    clock.advance(9999);
    expect(status()).toBe(429);
    clock.advance(1);
    expect([status(), status()]).toEqual([200, 429]);
    clock.advance(120_000);
    expect(Array.from({ length: 7 }, status)).toEqual([200, 200, 200, 200, 200, 200, 429]);
  });

  it('lets no more come at once than its burst', () => {
    const { clock, status } = budget({ requestsPerMinute: 60, burst: 2 });
    expect([status(), status(), status()]).toEqual([200, 200, 429]);
    clock.advance(60_000);
    expect([status(), status(), status()]).toEqual([200, 200, 429]);
  });

  it.each([
    [{ requestsPerMinute: 30, burst: 5 }, 35, 30],
    [{ requestsPerMinute: 60 }, 120, 60],
    [{ requestsPerMinute: 6, burst: 1 }, 7, 6],
  ])(
    'lets %j through exactly: %d in the first minute of asking without a pause, %d in the next',
    (limits, first, next) => {
      const { clock, status } = budget(limits);
      const passed = () => {
        let count = 0;
        for (let tick = 0; tick < 6000; tick++) {
          clock.advance(10);
          while (status() === 200) count++;
        }
        return count;
      };
      let before = 0;
      while (status() === 200) before++;
      expect([before + passed(), passed()]).toEqual([first, next]);
    },
  );

  it('is right in all that it tells, whenever requests come', () => {
    const limits = fc.record({
      requestsPerMinute: fc.integer({ min: 1, max: 600 }),
      burst: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(limits, fc.array(fc.nat(5000), { maxLength: 60 }), (attributes, pauses) => {
        const { clock, request, refused, status } = budget(attributes);
        const began = clock.now();
        let passed = 0;
        for (const pause of pauses) {
          clock.advance(pause);
          const { behaviour } = request();
          const act = behaviour.request?.() as RequestAct;
          if (act.do === 'forward') {
            passed++;
            const left = Number(headersOf(behaviour)['x-ratelimit-remaining-requests']);
            for (let more = 0; more < left; more++) expect(status()).toBe(200);
            passed += left;
            expect(status()).toBe(429);
          }
          const wait = Number(refused().headers['retry-after-ms']);
          clock.advance(wait - 2);
          expect(status()).toBe(429);
          clock.advance(2);
          expect(status()).toBe(200);
          passed++;
        }
        const most = attributes.burst + ((clock.now() - began) / 60_000) * attributes.requestsPerMinute;
        expect(passed).toBeLessThanOrEqual(most + 1e-6);
      }),
    );
  });

  it('tells when all is there again, and it is', () => {
    const { clock, request } = budget({ requestsPerMinute: 30, tokensPerMinute: 600 }, long(400));
    const told = () => {
      const { behaviour } = request();
      behaviour.request?.();
      return headersOf(behaviour);
    };
    told();
    expect(told()).toMatchObject({
      'x-ratelimit-remaining-requests': '28',
      'x-ratelimit-reset-requests': '4s',
      'x-ratelimit-remaining-tokens': '400',
      'x-ratelimit-reset-tokens': '20s',
    });
    clock.advance(4000);
    expect(told()).toMatchObject({
      'x-ratelimit-remaining-requests': '29',
      'x-ratelimit-remaining-tokens': '340',
      'x-ratelimit-reset-tokens': '26s',
    });
    clock.advance(26_000);
    expect(told()).toMatchObject({
      'x-ratelimit-remaining-requests': '29',
      'x-ratelimit-remaining-tokens': '500',
    });
  });

  it.each([
    ['openai', { requestsPerMinute: 1, tokensPerMinute: 1000 }, 'requests per min (RPM): Limit 1'],
    ['openai', { requestsPerMinute: 9, tokensPerMinute: 150 }, 'tokens per min (TPM): Limit 150'],
    ['anthropic', { requestsPerMinute: 1, tokensPerMinute: 1000 }, '1 requests per minute'],
    ['anthropic', { requestsPerMinute: 9, tokensPerMinute: 150 }, '150 tokens per minute'],
    ['gemini', { requestsPerMinute: 1, tokensPerMinute: 1000 }, 'generate_requests_per_model, limit: 1\\n'],
    [
      'gemini',
      { requestsPerMinute: 9, tokensPerMinute: 150 },
      'generate_content_input_token_count, limit: 150\\n',
    ],
  ] as const)('says to %s under %j which budget is used up: %s', (protocol, attributes, words) => {
    const { refused, status } = budget(attributes, { protocol, ...long(400) });
    expect(status()).toBe(200);
    expect(refused().body).toContain(words);
  });

  it('tells how long to wait, and is right', () => {
    const { clock, refused, status } = budget({ requestsPerMinute: 40, burst: 1 });
    expect(status()).toBe(200);
    clock.advance(300);
    const { headers } = refused();
    expect(headers).toMatchObject({ 'retry-after': '2', 'retry-after-ms': '1200' });
    clock.advance(1200);
    expect(status()).toBe(200);
  });

  it('counts down on successes as OpenAI does, and refuses as OpenAI does', () => {
    const { request, refused } = budget({ requestsPerMinute: 3, tokensPerMinute: 1000 }, long(400));
    const seen = Array.from({ length: 3 }, () => {
      const { behaviour } = request();
      behaviour.request?.();
      return behaviour.head?.(head);
    });
    expect(seen.map((act) => (act as { set: object }).set)).toMatchObject([
      {
        'x-ratelimit-limit-requests': '3',
        'x-ratelimit-remaining-requests': '2',
        'x-ratelimit-reset-requests': '20s',
        'x-ratelimit-limit-tokens': '1000',
        'x-ratelimit-remaining-tokens': '900',
        'x-ratelimit-reset-tokens': '6s',
      },
      { 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '40s' },
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m0s' },
    ]);
    const { status, headers, body } = refused();
    expect(status).toBe(429);
    expect(headers).toMatchObject({
      'retry-after': '20',
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-remaining-tokens': '700',
    });
    expect(JSON.parse(body).error).toMatchObject({ type: 'requests', code: 'rate_limit_exceeded' });
    expect(body).toContain('Limit 3, Used 3, Requested 1. Please try again in 20s.');
  });

  it('says its resets to Anthropic clients as times, when all is there again', () => {
    const { clock, request, refused } = budget({ requestsPerMinute: 1 }, { protocol: 'anthropic' });
    const { behaviour } = request();
    behaviour.request?.();
    const reset = `${new Date(Math.ceil((clock.wall() + 60_000) / 1000) * 1000).toISOString().slice(0, 19)}Z`;
    expect(behaviour.head?.(head)).toEqual({
      do: 'forward',
      set: {
        'anthropic-ratelimit-requests-limit': '1',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': reset,
      },
    });
    const { headers, body } = refused();
    expect(headers).toMatchObject({ 'retry-after': '60', 'anthropic-ratelimit-requests-reset': reset });
    expect(JSON.parse(body).error.message).toContain('1 requests per minute');
  });

  it('refuses Gemini clients with the wait in the body, and other HTTP clients in plain headers', () => {
    const gemini = budget({ requestsPerMinute: 1 }, { protocol: 'gemini' });
    gemini.status();
    expect(gemini.refused().body).toContain('"retryDelay": "60s"');
    const plain = budget({ requestsPerMinute: 1 }, { protocol: 'http' });
    plain.status();
    expect(plain.refused()).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '60',
        'ratelimit-limit': '1',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '60',
      },
    });
  });

  it('estimates tokens by the length of a request, and refuses what is beyond them', () => {
    const { clock, refused, status } = budget({ requestsPerMinute: 0, tokensPerMinute: 600 }, long(1600));
    expect(status()).toBe(200);
    const { headers, body } = refused();
    expect(JSON.parse(body).error.type).toBe('tokens');
    // 200 are left, 400 are wanted, and a second brings ten.
    expect(headers['retry-after']).toBe('20');
    clock.advance(20_000);
    expect(status()).toBe(200);
  });

  it('lets a request that is larger than the whole budget through when that is full, and owes the rest', () => {
    const { clock, status } = budget({ requestsPerMinute: 0, tokensPerMinute: 60 }, long(480));
    expect([status(), status()]).toEqual([200, 429]);
    clock.advance(119_999);
    expect(status()).toBe(429);
    clock.advance(1);
    expect(status()).toBe(200);
  });

  it.each([
    ['openai', [{ id: 'x', usage: { prompt_tokens: 30, completion_tokens: 40, total_tokens: 70 } }]],
    [
      'openai',
      [{ type: 'response.completed', response: { usage: { input_tokens: 30, output_tokens: 40 } } }],
    ],
    [
      'anthropic',
      [
        { type: 'message_start', message: { usage: { input_tokens: 30, output_tokens: 1 } } },
        { type: 'message_delta', usage: { output_tokens: 20 } },
        { type: 'message_delta', usage: { output_tokens: 40 } },
      ],
    ],
    [
      'gemini',
      [{ usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 25, thoughtsTokenCount: 15 } }],
    ],
  ] as const)('takes what a stream of %s tells of its usage, once', (protocol, events) => {
    const { left, request } = budget(
      { requestsPerMinute: 0, tokensPerMinute: 1000 },
      { protocol, ...long(400) },
    );
    const first = request();
    first.behaviour.request?.();
    for (const [index, event] of events.entries()) {
      void first.behaviour.event?.(Buffer.from(`data: ${JSON.stringify(event)}\n\n`), index);
    }
    // 1000, less 70 that it really used.
    expect(left()).toBe(930);
  });

  it('takes what an answer that is not a stream tells of its usage', () => {
    const { left, request } = budget({ requestsPerMinute: 0, tokensPerMinute: 1000 }, long(400));
    const first = request();
    first.behaviour.request?.();
    void first.behaviour.whole?.(Buffer.from('{"usage":{"prompt_tokens":30,"completion_tokens":40}}'));
    expect(left()).toBe(930);
  });

  it('gives back the tokens of a request that failed upstream', () => {
    const { left, request } = budget({ requestsPerMinute: 0, tokensPerMinute: 1000 }, long(400));
    const first = request();
    first.behaviour.request?.();
    expect(first.behaviour.head?.({ ...head, status: 500 })).toEqual({ do: 'forward' });
    expect(left()).toBe(1000);
  });

  it('reads no body where it counts no tokens', () => {
    const { behaviour } = budget({ requestsPerMinute: 1 }).request();
    expect([behaviour.event, behaviour.whole]).toEqual([undefined, undefined]);
  });

  it.each([
    [
      { requestsPerMinute: 60, burst: 5, tokensPerMinute: 1000 },
      'refuse requests beyond 60 requests a minute (5 at once) and 1000 tokens a minute',
    ],
    [{ requestsPerMinute: 0 }, 'refuse no request'],
  ])('explains %j', (attributes, sentence) => {
    expect(rateLimit.explain(read(rateLimit, attributes) as never)).toBe(sentence);
  });

  it('tells real clients what is left, in place of what the provider says, and then refuses them', async () => {
    stage = await stageHttp(rateLimit, { requestsPerMinute: 2 }, (_, response) => {
      response.setHeader('X-RateLimit-Remaining-Requests', '9999');
      response.end('{}');
    });
    for (const left of ['1', '0']) {
      stage.client.send(POST);
      await stage.client.sees(`x-ratelimit-remaining-requests: ${left}`);
    }
    expect(stage.client.text).not.toContain('9999');
    stage.client.send(POST);
    await stage.client.sees('HTTP/1.1 429 Too Many Requests');
    expect(stage.seen).toHaveLength(2);
    expect(stage.fault.counts).toEqual({
      matched: 3,
      injected: 1,
      skipped: ['within the limits', 'within the limits'],
    });
  });
});

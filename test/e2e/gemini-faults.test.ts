import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AiStage, startAiStage } from './ai-stage.ts';

const WORDS = ['One', ' two', ' three', ' four'];
const CALL = { functionCall: { name: 'find', args: { city: 'Rome', day: 'today', unit: 'C' } } };

function content(parts: readonly object[], finishReason?: string) {
  return {
    candidates: [{ content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}), index: 0 }],
    usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 1, totalTokenCount: 5 },
    modelVersion: 'gemini-in-a-test',
  };
}

const CHUNKS = [...WORDS.map((text) => content([{ text }])), content([CALL], 'STOP')];
const ANSWER = {
  whole: content([{ text: 'One two' }, CALL], 'STOP'),
  events: CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`),
  elements: [
    ...CHUNKS.map((chunk, index) => `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk, undefined, 2)}\n`),
    ']\n',
  ],
};

type Form = 'json' | 'sse' | 'array';
const FORMS = ['json', 'sse', 'array'] as const;
const STREAMS = ['sse', 'array'] as const;

interface Told {
  readonly status: number;
  readonly type: string | null;
  /** The bytes of the body that came, whether it came whole or not. */
  readonly text: string;
  readonly error: (Error & { readonly cause?: { readonly code?: string } }) | undefined;
}

/** What a body says in its form. @throws SyntaxError where that is not JSON */
function parse(form: Form, text: string): ReturnType<typeof JSON.parse>[] {
  if (form === 'json') return [JSON.parse(text)];
  if (form === 'array') return JSON.parse(text);
  return text
    .split('\r\n\r\n')
    .slice(0, -1)
    .map((event) => JSON.parse(event.replace(/^data: /, '')));
}

describe('A client of the Gemini API behind the proxy', () => {
  let stage: AiStage;
  beforeAll(async () => {
    stage = await startAiStage('gemini', ANSWER);
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.empty();
    stage.read = Number.POSITIVE_INFINITY;
  });

  async function ask(form: Form, seen: (text: string) => void = () => {}): Promise<Told> {
    const method = form === 'json' ? 'generateContent' : 'streamGenerateContent';
    const query = form === 'sse' ? '?alt=sse' : '';
    const response = await fetch(`${stage.url}/v1beta/models/gemini-2.5-flash:${method}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': 'marked-key' },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Count' }] }] }),
    });
    const { status, headers } = response;
    const told = { status, type: headers.get('content-type') };
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        seen(text);
      }
      return { ...told, text, error: undefined };
    } catch (error) {
      return { ...told, text, error: error as Told['error'] };
    }
  }

  const whole = {
    json: JSON.stringify(ANSWER.whole),
    sse: ANSWER.events.join(''),
    array: ANSWER.elements.join(''),
  };
  const upTo = (form: (typeof STREAMS)[number], count: number) =>
    (form === 'sse' ? ANSWER.events : ANSWER.elements)
      .slice(0, count)
      .join('')
      // The end of a line behind an element belongs to the next.
      .replace(/\}\n$/, '}');

  it.each(FORMS)(
    'gets %s byte for byte without a fault, and under one that finds nothing to act on',
    async (form) => {
      expect(await ask(form)).toMatchObject({ status: 200, text: whole[form] });
      stage.inject('ai_malformed', { afterEvents: 99 }, { model: 'other' });
      expect(await ask(form)).toMatchObject({ status: 200, text: whole[form] });
      stage.inject('ai_stream_cut', { afterEvents: 99 });
      expect(await ask(form)).toMatchObject({ status: 200, text: whole[form] });
    },
  );

  const ERRORS = [
    ['rate_limit', 429, 'RESOURCE_EXHAUSTED'],
    ['token_limit', 429, 'RESOURCE_EXHAUSTED'],
    ['quota', 429, 'RESOURCE_EXHAUSTED'],
    ['overloaded', 503, 'UNAVAILABLE'],
    ['server_error', 500, 'INTERNAL'],
    ['bad_gateway', 502, 'UNAVAILABLE'],
    ['invalid_key', 400, 'INVALID_ARGUMENT'],
    ['model_not_found', 404, 'NOT_FOUND'],
    ['context_length', 400, 'INVALID_ARGUMENT'],
  ] as const;
  it.each(FORMS.flatMap((form) => ERRORS.map((row) => [form, ...row] as const)))(
    'who asks for %s meets %s as %d %s, in an array where it asked for one',
    async (form, kind, status, name) => {
      stage.inject('ai_error', { kind }, { model: 'gemini-2.5-*' });
      const before = stage.hits;
      const told = await ask(form);
      expect(told).toMatchObject({ status, type: 'application/json; charset=UTF-8' });
      const [{ error }] = parse(form === 'array' ? 'array' : 'json', told.text);
      expect(error).toMatchObject({ code: status, status: name, message: expect.any(String) });
      expect(told.text).not.toContain('marked-key');
      expect(stage.hits).toBe(before);
    },
  );

  it.each(FORMS)(
    'who asks for %s is told of a blocked prompt in a success without candidates',
    async (form) => {
      stage.inject('ai_error', { kind: 'content_filter' });
      const told = await ask(form);
      expect(told.status).toBe(200);
      expect(parse(form, told.text)).toMatchObject([
        { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
      ]);
    },
  );

  it.each(FORMS)('who asks for %s gets an empty completion that ended well', async (form) => {
    stage.inject('ai_empty');
    const [answer, ...more] = parse(form, (await ask(form)).text);
    expect(answer.candidates).toEqual([{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }]);
    expect(more).toEqual([]);
  });

  it.each(STREAMS.flatMap((form) => [0, 2].map((after) => [form, after] as const)))(
    'meets an error in %s behind %d pieces, in a stream that ends well',
    async (form, afterEvents) => {
      stage.inject('ai_stream_error', { afterEvents, kind: 'overloaded' });
      const told = await ask(form);
      expect(told).toMatchObject({ status: 200, error: undefined });
      const pieces = parse(form, told.text);
      expect(pieces.slice(0, -1)).toEqual(CHUNKS.slice(0, afterEvents));
      expect(pieces.at(-1).error).toMatchObject({ code: 503, status: 'UNAVAILABLE' });
    },
  );

  it.each(
    STREAMS.flatMap((form) =>
      (
        [
          ['clean', undefined],
          ['fin', 'UND_ERR_SOCKET'],
          ['rst', 'ECONNRESET'],
        ] as const
      ).map((row) => [form, ...row] as const),
    ),
  )('sees %s cut by %s behind whole pieces, as %s', async (form, how, code) => {
    stage.inject('ai_stream_cut', { afterEvents: 2, with: how });
    const told = await ask(form);
    expect(told.error?.cause?.code).toBe(code);
    expect(told.text).toBe(upTo(form, 2));
    if (form === 'array') expect(() => parse('array', told.text)).toThrow(SyntaxError);
    else expect(parse('sse', told.text)).toEqual(CHUNKS.slice(0, 2));
  });

  it.each(STREAMS)(
    'has %s stalled with its connection open, and loses nothing when that is taken back',
    async (form) => {
      stage.inject('ai_stream_stall', { afterEvents: 3 });
      let seen = '';
      const reading = ask(form, (text) => {
        seen = text;
      });
      await stage.held();
      expect(seen).toBe(upTo(form, 3));
      stage.empty();
      expect(await reading).toMatchObject({ text: whole[form], error: undefined });
    },
  );

  it.each(FORMS)('gets the first token of %s late, and its head with it', async (form) => {
    stage.inject('ai_ttft', { latency: '1h' });
    let seen = '';
    const reading = ask(form, (text) => {
      seen = text;
    });
    await stage.held();
    expect(seen).toBe('');
    stage.empty();
    expect(await reading).toMatchObject({ text: whole[form], error: undefined });
  });

  it.each(STREAMS)('gets every token of %s late, and all of them', async (form) => {
    stage.inject('ai_token_latency', { latency: '40ms' });
    const began = performance.now();
    expect(await ask(form)).toMatchObject({ text: whole[form] });
    expect(performance.now() - began).toBeGreaterThanOrEqual(CHUNKS.length * 40 - 5);
  });

  it.each(FORMS)('cannot parse %s whose JSON is broken', async (form) => {
    stage.inject('ai_malformed', { afterEvents: 1 });
    const told = await ask(form);
    expect(told).toMatchObject({ status: 200, error: undefined });
    expect(() => parse(form, told.text)).toThrow(SyntaxError);
  });

  it.each([
    ['length', 'MAX_TOKENS'],
    ['content_filter', 'SAFETY'],
  ])('is told that a completion ended with %s as %s, in each form', async (reason, expected) => {
    stage.inject('ai_finish', { reason });
    for (const form of FORMS) {
      const last = parse(form, (await ask(form)).text).at(-1);
      expect(last.candidates[0].finishReason).toBe(expected);
      expect(last.candidates[0].content.parts.at(-1)).toEqual(CALL);
    }
  });

  it.each(FORMS)('gets the arguments of a tool in part, in %s', async (form) => {
    stage.inject('ai_tool_args_truncated');
    const [candidate] = parse(form, (await ask(form)).text).at(-1).candidates;
    expect(candidate.finishReason).toBe('MAX_TOKENS');
    expect(candidate.content.parts.at(-1).functionCall.args).toEqual({ city: 'Rome' });
  });

  it.each(FORMS)(
    'who asks for %s is refused beyond its budget, with the wait in the body alone',
    async (form) => {
      stage.inject('rate_limit', { requestsPerMinute: 1 });
      expect((await ask(form)).text).toBe(whole[form]);
      const told = await ask(form);
      expect(told.status).toBe(429);
      const [{ error }] = parse(form === 'array' ? 'array' : 'json', told.text);
      const [quota, , wait] = error.details;
      expect(quota.violations[0]).toMatchObject({
        quotaValue: '1',
        quotaDimensions: { model: 'gemini-2.5-flash' },
      });
      expect(Number.parseFloat(wait.retryDelay)).toBeGreaterThan(50);
      expect(Number.parseFloat(wait.retryDelay)).toBeLessThanOrEqual(60);
    },
  );

  it.each(FORMS)('uses up its tokens by what the usage of %s tells', async (form) => {
    stage.inject('rate_limit', { requestsPerMinute: 0, tokensPerMinute: 16 });
    // 11 tokens by its length, and 5 by its usage.
    for (const status of [200, 200, 429]) expect((await ask(form)).status).toBe(status);
    expect(stage.counts()).toMatchObject({ matched: 3, injected: 1 });
  });
});

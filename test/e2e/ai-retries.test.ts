import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AI_ERROR_KINDS, type AiErrorKind } from '../../src/protocols/http/providers/contract.ts';
import { type AiStage, failure, startAiStage } from './ai-stage.ts';

/** How an official client deals with an error: how often it tries, how long it waits at least, ms, and what it shows. */
type Dealing = readonly [tries: number, waits: readonly number[], requestId: boolean];

const ANSWER = { whole: {}, events: [] };
/** What the SDKs wait by themselves: 0.5 s and 1 s, less a quarter at most. */
const BACKOFF = [375, 750];
const NEVER: Dealing = [1, [], true];

const OPENAI: Readonly<Record<AiErrorKind, Dealing>> = {
  rate_limit: [3, [1500, 1500], true],
  token_limit: [3, [1500, 1500], true],
  quota: [3, BACKOFF, true],
  overloaded: [3, BACKOFF, true],
  server_error: [3, BACKOFF, true],
  bad_gateway: [3, BACKOFF, false],
  gateway_html: [3, BACKOFF, false],
  invalid_key: NEVER,
  model_not_found: NEVER,
  context_length: NEVER,
  content_filter: NEVER,
};
/** Whole seconds are all that its `retry-after` says. */
const ANTHROPIC = {
  ...OPENAI,
  rate_limit: [3, [2000, 2000], true],
  token_limit: [3, [2000, 2000], true],
} as const;

describe.each([
  ['OpenAI chat', 'openai', OPENAI],
  ['OpenAI responses', 'openai', OPENAI],
  ['Anthropic messages', 'anthropic', ANTHROPIC],
] as const)('The official client of %s, with the retries it comes with', (api, protocol, dealings) => {
  let stage: AiStage;
  /** When each kind was tried, by the header that names it. */
  const tries = new Map<string, number[]>();
  const told = new Map<string, string[]>();
  const failures = new Map<string, Error & Record<string, unknown>>();

  /** The client's own fetch, which notes when it was called. */
  const noting: typeof fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    const kind = headers.get('x-kind') ?? '';
    tries.set(kind, [...(tries.get(kind) ?? []), performance.now()]);
    told.set(kind, [...(told.get(kind) ?? []), headers.get('x-stainless-retry-count') ?? '']);
    return fetch(url, init);
  };

  function ask(kind: AiErrorKind): Promise<unknown> {
    const options = { headers: { 'x-kind': kind } };
    if (protocol === 'anthropic') {
      const client = new Anthropic({ apiKey: 'sk-ant-marked', baseURL: stage.url, fetch: noting });
      return client.messages.create(
        { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] },
        options,
      );
    }
    const client = new OpenAI({ apiKey: 'sk-marked', baseURL: `${stage.url}/v1`, fetch: noting });
    return api === 'OpenAI responses'
      ? client.responses.create({ model: 'm', input: 'x' }, options)
      : client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x' }] }, options);
  }

  beforeAll(async () => {
    stage = await startAiStage(protocol, ANSWER);
    stage.injectAll(
      AI_ERROR_KINDS.map((kind) => ({
        id: kind,
        type: 'ai_error',
        attributes: { kind, retryAfter: '1500ms' },
        match: { headers: { 'x-kind': kind } },
      })),
    );
    await Promise.all(
      AI_ERROR_KINDS.map(async (kind) => {
        failures.set(kind, await failure(ask(kind)));
      }),
    );
  });
  afterAll(() => stage.close());

  it.each(AI_ERROR_KINDS)('tries %s as often as it does the real one, and as late as it is told', (kind) => {
    const [count, waits, hasId] = dealings[kind];
    const at = tries.get(kind)!;
    expect(at).toHaveLength(count);
    expect(told.get(kind)).toEqual(['0', '1', '2'].slice(0, count));
    for (const [index, wait] of waits.entries())
      expect(at[index + 1]! - at[index]!).toBeGreaterThanOrEqual(wait - 5);
    const id = failures.get(kind)!.requestID;
    if (hasId) expect(id).toMatch(/^req_\w{24,32}$/);
    else expect(id ?? undefined).toBeUndefined();
    expect(stage.allCounts().find((fault) => fault.id === kind)).toMatchObject({
      matched: count,
      injected: count,
    });
  });

  it('never reaches the provider', () => {
    expect(stage.hits).toBe(0);
  });
});

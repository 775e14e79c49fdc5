import { APIError } from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AiCalls } from '../../../src/sandbox/platform/ai/calls.ts';
import { pauseBefore, RetryingAi, type RetryOptions } from '../../../src/sandbox/platform/resilient/retry.ts';
import { seeded } from '../../../src/sandbox/provider/seeded.ts';
import { meters, TASK } from './support.ts';

const NONE: RetryOptions = { backoff: false, jitter: false, retryAfter: false };
const ALL: RetryOptions = { backoff: true, jitter: true, retryAfter: true };
const WHOLE = { content: 'done', finishReason: 'stop' };

function refused(status: number, headers: Record<string, string> = {}): APIError {
  return APIError.generate(status, { error: { message: 'no' } }, 'no', new Headers(headers));
}

describe('the wait before a retry', () => {
  const waits = (options: RetryOptions, error: unknown = refused(503)) =>
    [1, 2, 3, 4].map((retry) => pauseBefore(retry, error, options));

  test('is 100 ms each time without any of the three properties', () => {
    expect(waits(NONE)).toEqual([100, 100, 100, 100]);
  });

  test('doubles with back-off, up to 30 s', () => {
    expect(waits({ ...NONE, backoff: true })).toEqual([500, 1000, 2000, 4000]);
    expect(pauseBefore(20, refused(503), { ...NONE, backoff: true })).toBe(30_000);
  });

  test('is spread by half with jitter, and keeps its mean', () => {
    const options = { ...NONE, backoff: true, jitter: true, random: seeded(42, 1) };
    const spread = Array.from({ length: 2000 }, () => pauseBefore(2, refused(503), options));
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...spread)).toBeLessThan(1500);
    expect(spread.reduce((sum, ms) => sum + ms) / spread.length).toBeCloseTo(1000, -2);
  });

  test('spreads even the short pauses of those who do not back off', () => {
    const options = { ...NONE, jitter: true, random: seeded(42, 1) };
    expect(new Set(waits(options)).size).toBe(4);
  });

  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['milliseconds, which come first', { 'retry-after-ms': '1250', 'retry-after': '7' }, 1250],
    ['a date', { 'retry-after': new Date(Date.now() + 9500).toUTCString() }, 9000],
  ])('is as long as the provider asked for in %s', (_, headers, atLeast) => {
    const wait = pauseBefore(1, refused(429, headers), { ...NONE, retryAfter: true });
    expect(wait).toBeGreaterThan(atLeast - 700);
    expect(wait).toBeLessThan(atLeast + 700);
  });

  test.each([[{ 'retry-after': 'soon' }], [{}]])(
    'ignores a provider that says %j',
    (headers: Record<string, string>) => {
      expect(pauseBefore(1, refused(429, headers), { ...NONE, retryAfter: true })).toBe(100);
    },
  );

  test('is never shorter than what was asked for, whatever the jitter', () => {
    const options = { ...ALL, random: seeded(7, 1) };
    const asked = refused(429, { 'retry-after': '3' });
    for (let n = 0; n < 200; n++) expect(pauseBefore(1, asked, options)).toBeGreaterThanOrEqual(3000);
  });

  test('ignores the wish when that property is off', () => {
    expect(waits({ ...NONE, backoff: true }, refused(429, { 'retry-after': '60' }))[0]).toBe(500);
  });
});

describe('an AI that is asked again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Fails with these errors in turn, the last one for ever; then says how often it was asked. */
  function failing(...errors: unknown[]) {
    let asked = 0;
    const ask = async () => {
      const error = errors[Math.min(asked++, errors.length - 1)];
      if (error === undefined) return WHOLE;
      throw error;
    };
    return { ask, times: () => asked };
  }

  async function outcome(answer: Promise<unknown>, ms: number): Promise<unknown> {
    const settled = answer.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(ms);
    return Promise.race([settled, Promise.resolve('still waiting')]);
  }

  test('gives up after four attempts with back-off', async () => {
    const { metrics, value } = meters();
    const provider = failing(refused(503));
    const ai = new RetryingAi(provider.ask, { ...NONE, backoff: true }, new AiCalls(metrics));
    expect(await outcome(ai.answer(TASK), 3400)).toBe('still waiting');
    expect(await outcome(ai.answer(TASK), 3600)).toMatchObject({ status: 503 });
    expect(provider.times()).toBe(8);
    expect(await value('ai_errors_total', { status: 503 })).toBe(8);
  });

  test('tries for ever without it', async () => {
    const provider = failing(refused(503));
    const ai = new RetryingAi(provider.ask, { ...NONE, retryAfter: true }, new AiCalls(meters().metrics));
    expect(await outcome(ai.answer(TASK), 10_000)).toBe('still waiting');
    expect(provider.times()).toBeGreaterThanOrEqual(99);
  });

  test('answers as soon as the provider does', async () => {
    const provider = failing(refused(429, { 'retry-after': '2' }), undefined);
    const ai = new RetryingAi(provider.ask, { ...NONE, retryAfter: true }, new AiCalls(meters().metrics));
    const answer = ai.answer(TASK);
    expect(await outcome(answer, 1900)).toBe('still waiting');
    expect(await outcome(answer, 200)).toEqual(WHOLE);
  });

  test('does not repeat a question that cannot be answered', async () => {
    const provider = failing(refused(400));
    const ai = new RetryingAi(provider.ask, ALL, new AiCalls(meters().metrics));
    expect(await outcome(ai.answer(TASK), 0)).toMatchObject({ status: 400 });
    expect(provider.times()).toBe(1);
  });

  test('has patience only for so long, and asks no more afterwards', async () => {
    const provider = failing(refused(503));
    const ai = new RetryingAi(provider.ask, NONE, new AiCalls(meters().metrics), 1000);
    expect(await outcome(ai.answer(TASK), 1001)).toMatchObject({ isTaskCancelledError: true });
    const asked = provider.times();
    await vi.advanceTimersByTimeAsync(5000);
    expect(provider.times()).toBe(asked);
  });
});

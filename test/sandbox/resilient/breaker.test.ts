import { APIError } from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Config } from '../../../src/sandbox/platform/config.ts';
import { withBreaker } from '../../../src/sandbox/platform/resilient/breaker.ts';
import { meters } from './support.ts';

const answer = { content: 'x', finishReason: 'stop' };
const failure = (status: number) => APIError.generate(status, {}, 'no', new Headers());

describe('the breaker of the AI provider', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, 'log').mockReturnValue();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  function provider(timeScale = 1, alertness = { armed: false }) {
    const state = { fails: undefined as unknown, asked: 0, ...meters() };
    const ask = withBreaker(
      async () => {
        state.asked++;
        if (state.fails) throw state.fails;
        return answer;
      },
      { timeScale } as Config,
      state.metrics,
      alertness,
    );
    const times = async (n: number) => {
      for (let i = 0; i < n; i++) await ask('?').catch(() => {});
    };
    return Object.assign(state, { ask, times });
  }

  test('opens after five failures, and the provider is asked no more', async () => {
    const one = provider();
    one.fails = failure(503);
    await one.times(20);
    expect(one.asked).toBe(5);
    expect(await one.value('breaker_state')).toBe(2);
    expect(await one.value('breaker_opened_total')).toBe(1);
    await expect(one.ask('?')).rejects.toThrow('circuit breaker is open');
  });

  test('opens after two failures in a row while it is armed', async () => {
    const alertness = { armed: true };
    const one = provider(1, alertness);
    one.fails = failure(503);
    await one.times(1);
    one.fails = undefined;
    await one.times(1);
    one.fails = failure(503);
    await one.times(5);
    expect(one.asked).toBe(4);
    alertness.armed = false;
    const other = provider(1, alertness);
    other.fails = failure(503);
    await other.times(4);
    expect(other.asked).toBe(4);
  });

  test('asks once after 30 s, and closes when that is answered', async () => {
    const one = provider();
    one.fails = failure(500);
    await one.times(5);
    vi.advanceTimersByTime(29_000);
    await one.times(3);
    expect(one.asked).toBe(5);
    vi.advanceTimersByTime(1500);
    await one.times(3);
    expect(one.asked, 'one call that failed').toBe(6);
    one.fails = undefined;
    vi.advanceTimersByTime(30_500);
    await one.times(3);
    expect(one.asked).toBe(9);
    expect(await one.value('breaker_state')).toBe(0);
  });

  test('waits less where time is compressed', async () => {
    const one = provider(15);
    one.fails = failure(500);
    await one.times(5);
    vi.advanceTimersByTime(2100);
    await one.times(1);
    expect(one.asked).toBe(6);
  });

  test.each([
    ['a rate limit', 429],
    ['a bad question', 400],
  ])('stays closed on %s', async (_, status) => {
    const one = provider();
    one.fails = failure(status);
    await one.times(20);
    expect(one.asked).toBe(20);
  });

  test('stays closed while half of the attempts succeed', async () => {
    const one = provider();
    for (let i = 0; i < 10; i++) {
      one.fails = undefined;
      await one.times(1);
      one.fails = failure(503);
      await one.times(1);
    }
    expect(one.asked).toBe(20);
  });
});

import { describe, expect, test } from 'vitest';
import { AiCalls } from '../../../src/sandbox/platform/ai/calls.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { meters } from './support.ts';

describe('what the platform knows of its AI calls', () => {
  function calls() {
    const clock = new FakeClock();
    const seen = new AiCalls(meters().metrics, () => clock.now());
    const attempts = async (...ok: boolean[]) => {
      for (const good of ok)
        await seen
          .attempt(async () => {
            if (!good) throw new Error('no');
          })
          .catch(() => {});
    };
    return { clock, seen, attempts };
  }

  test('is the share of failed attempts, once there are three, within a window', async () => {
    const { clock, seen, attempts } = calls();
    await attempts(false, false);
    expect(seen.failing(10_000)).toBe(0);
    await attempts(true, true);
    expect(seen.failing(10_000)).toBe(0.5);
    clock.advance(10_001);
    expect(seen.failing(10_000)).toBe(0);
  });

  test('turns with the last twenty attempts', async () => {
    const { seen, attempts } = calls();
    await attempts(...Array<boolean>(30).fill(false));
    expect(seen.failing(10_000)).toBe(1);
    await attempts(...Array<boolean>(15).fill(true));
    expect(seen.failing(10_000)).toBe(0.25);
  });

  test('is the age of the oldest call under way', async () => {
    const { clock, seen } = calls();
    let finish = () => {};
    const call = seen.track(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    clock.advance(700);
    expect(seen.oldest).toBe(700);
    finish();
    await call;
    expect(seen.oldest).toBe(0);
  });
});

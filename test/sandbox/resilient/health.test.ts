import { describe, expect, test } from 'vitest';
import { Check } from '../../../src/sandbox/platform/resilient/check.ts';
import { DeepHealth } from '../../../src/sandbox/platform/resilient/deep-health.ts';
import type { Signals } from '../../../src/sandbox/platform/resilient/levels.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const WELL: Signals = { ai: 'ok', database: 'ok', memory: 0.1, queue: 0 };

describe('deep health', () => {
  test.each<[Partial<Signals>, boolean, number, string]>([
    [{}, true, 200, 'ok'],
    [{ ai: 'failing' }, true, 200, 'ai-degraded'],
    [{ ai: 'failing' }, false, 503, 'ai-degraded'],
    [{ database: 'no-writes' }, true, 200, 'read-only'],
    [{ database: 'gone' }, true, 503, 'emergency'],
  ])('with %j, fallback %s, is %i and says %s', async (signals, fallback, status, said) => {
    const health = new DeepHealth({ read: () => ({ ...WELL, ...signals }), fallback });
    expect(await health.report()).toMatchObject({ status, body: { status: said } });
  });

  test('is bad when a quarter of the requests of the last ten seconds were', async () => {
    const clock = new FakeClock();
    const health = new DeepHealth({ read: () => WELL, fallback: true, now: () => clock.now() });
    const statusAfter = async (ms: number, ...requests: boolean[]) => {
      clock.advance(ms);
      for (const bad of requests) health.note(bad);
      return (await health.report()).status;
    };
    expect(await statusAfter(0, true, true, true, true), 'too few to tell').toBe(200);
    expect(await statusAfter(0, false, false)).toBe(503);
    expect(await statusAfter(9000, ...Array<boolean>(20).fill(false))).toBe(200);
    expect(await statusAfter(11_000), 'all forgotten').toBe(200);
  });
});

describe('a repeated check', () => {
  test('fails after two failures in a row, and is well again after one success', async () => {
    let fails = true;
    const check = new Check(async () => {
      if (fails) throw new Error('no');
    }, 1000);
    const run = async () => {
      check.run();
      await new Promise(setImmediate);
      return check.ok;
    };
    expect([await run(), await run()]).toEqual([true, false]);
    fails = false;
    expect(await run()).toBe(true);
  });

  test('fails while an act hangs, of which it never starts a second', async () => {
    const clock = new FakeClock();
    let started = 0;
    const check = new Check(
      () => new Promise(() => started++),
      1000,
      () => clock.now(),
    );
    check.run();
    clock.advance(900);
    check.run();
    expect([check.ok, started]).toEqual([true, 1]);
    clock.advance(200);
    check.run();
    expect([check.ok, started]).toEqual([false, 1]);
  });
});

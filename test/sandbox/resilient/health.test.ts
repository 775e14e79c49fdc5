import { describe, expect, test } from 'vitest';
import { Check } from '../../../src/sandbox/platform/resilient/check.ts';
import { DeepHealth } from '../../../src/sandbox/platform/resilient/deep-health.ts';
import type { Level, Signals } from '../../../src/sandbox/platform/resilient/levels.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const WELL: Signals = { ai: 'ok', database: 'ok', memory: 0.1, queue: 0 };

describe('deep health', () => {
  test.each<[Partial<Signals>, Level | undefined, number, string]>([
    [{}, 'full', 200, 'ok'],
    [{}, undefined, 200, 'ok'],
    [{ ai: 'failing' }, 'ai-degraded', 200, 'ai-degraded'],
    [{ ai: 'failing' }, undefined, 503, 'ai-degraded'],
    [{ database: 'no-writes' }, 'read-only', 200, 'read-only'],
    [{ database: 'gone' }, 'full', 503, 'emergency'],
    [{}, 'emergency', 503, 'emergency'],
  ])('with %j while %s is served: %i, and it says %s', async (signals, level, status, said) => {
    const served = level && (() => level);
    const health = new DeepHealth({ read: () => ({ ...WELL, ...signals }), served });
    expect(await health.report()).toMatchObject({ status, body: { status: said } });
  });

  test('is bad when a quarter of the requests of the last ten seconds were', async () => {
    const clock = new FakeClock();
    const health = new DeepHealth({ read: () => WELL, served: () => 'full', now: () => clock.now() });
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

  test('fails from the moment an act is late until one succeeds, and never starts a second beside it', async () => {
    const clock = new FakeClock();
    const acts: { resolve(value?: unknown): void; reject(error: Error): void }[] = [];
    const check = new Check(
      () => new Promise((resolve, reject) => acts.push({ resolve, reject })),
      1000,
      () => clock.now(),
    );
    const okAfter = async (ms: number) => {
      clock.advance(ms);
      await new Promise(setImmediate);
      check.run();
      return [check.ok, acts.length];
    };
    expect(await okAfter(0)).toEqual([true, 1]);
    expect(await okAfter(900)).toEqual([true, 1]);
    expect(await okAfter(200)).toEqual([false, 1]);
    acts[0]!.reject(new Error('given up'));
    expect(await okAfter(0)).toEqual([false, 2]);
    acts[1]!.resolve();
    expect(await okAfter(10)).toEqual([true, 3]);
  });
});

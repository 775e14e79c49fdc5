import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Urgency } from '../../../src/sandbox/platform/parts.ts';
import { ObjectPool, ObjectPoolExhausted } from '../../../src/sandbox/platform/resilient/object-pool.ts';
import { Places, PlacesTimeout } from '../../../src/sandbox/platform/resilient/places.ts';
import { fitPool, POOL_LIMITS } from '../../../src/sandbox/platform/resilient/pool.ts';

describe('the places of the connection pool', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function places() {
    const it = new Places({
      max: 10,
      overflow: 2,
      queueFrom: 0.8,
      queueTimeout: 30_000,
      overflowTimeout: 5000,
    });
    const entered: string[] = [];
    const take = (name: string, urgency: Urgency) =>
      it.take(urgency).then(
        () => entered.push(name),
        (error: Error) => entered.push(`${name}: ${error.message}`),
      );
    const fill = async (count: number) => {
      for (let at = 0; at < count; at++) await it.take('high');
    };
    return { it, entered, take, fill };
  }

  test('are free to all up to 80%, and from there background work queues', async () => {
    const { it, entered, take, fill } = places();
    await fill(7);
    await take('eighth', 'low');
    void take('ninth', 'low');
    await take('user', 'high');
    expect(entered).toEqual(['eighth', 'user']);
    expect([it.taken, it.waiting]).toEqual([9, 1]);
    it.give();
    it.give();
    await vi.advanceTimersByTimeAsync(0);
    expect(entered.at(-1)).toBe('ninth');
  });

  test('beyond the maximum are an overflow for what users wait for', async () => {
    const { it, entered, take, fill } = places();
    await fill(10);
    await take('eleventh', 'high');
    await take('twelfth', 'high');
    expect(it.overflow).toBe(2);
    void take('thirteenth', 'high');
    await vi.advanceTimersByTimeAsync(4999);
    expect(entered).toEqual(['eleventh', 'twelfth']);
    await vi.advanceTimersByTimeAsync(1);
    expect(entered.at(-1)).toBe('thirteenth: no database connection became free within 5000 ms');
    expect(it.waiting).toBe(0);
  });

  test('are waited for 30 s by background work', async () => {
    const { it, entered, take, fill } = places();
    await fill(8);
    void take('late', 'low');
    await vi.advanceTimersByTimeAsync(29_999);
    expect(entered).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(entered[0]).toContain('30000 ms');
    await expect(Promise.all([it.take('low'), vi.advanceTimersByTimeAsync(30_000)])).rejects.toBeInstanceOf(
      PlacesTimeout,
    );
  });

  test('go to the longest waiting user first', async () => {
    const { it, entered, take, fill } = places();
    await fill(12);
    void take('background', 'low');
    void take('first', 'high');
    void take('second', 'high');
    it.give();
    it.give();
    await vi.advanceTimersByTimeAsync(0);
    expect(entered).toEqual(['first', 'second']);
  });
});

test('a pool of 10 to 200 with 50 overflow is scaled down to what the server allows', () => {
  expect(fitPool(POOL_LIMITS, 1000)).toEqual(POOL_LIMITS);
  const small = fitPool(POOL_LIMITS, 60);
  expect(small).toMatchObject({ max: 38, overflow: 9, floor: 10 });
  expect(fitPool(POOL_LIMITS, 5)).toMatchObject({ max: 3, overflow: 0, floor: 3 });
});

describe('the object pool', () => {
  const pool = (keep: number, breakAt: number) =>
    new ObjectPool(
      () => ({ used: false }),
      (object) => {
        object.used = false;
      },
      { keep, breakAt },
    );

  test('lends the same object again, clean', () => {
    const it = pool(10, 20);
    const object = it.take();
    object.used = true;
    it.give(object);
    expect(it.take()).toBe(object);
    expect(object.used).toBe(false);
    expect(it.made).toBe(1);
  });

  test('keeps no more than its size', () => {
    const it = pool(2, 20);
    const lent = Array.from({ length: 5 }, () => it.take());
    for (const object of lent) it.give(object);
    expect([it.idle, it.lent, it.made]).toEqual([2, 0, 5]);
  });

  test('makes no more than the breaker allows, until one comes back', () => {
    const it = pool(2, 3);
    const [first] = [it.take(), it.take(), it.take()];
    expect(() => it.take()).toThrow(ObjectPoolExhausted);
    it.give(first!);
    expect(it.take()).toBe(first);
  });

  test('ignores what is given back twice', () => {
    const it = pool(5, 5);
    const object = it.take();
    it.give(object);
    it.give(object);
    expect(it.idle).toBe(1);
  });
});

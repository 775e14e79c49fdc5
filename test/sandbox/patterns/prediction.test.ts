import { describe, expect, test } from 'vitest';
import { chanceAbove, Holt } from '../../../src/sandbox/platform/resilient/holt.ts';
import { PredictiveManager, type Prepared } from '../../../src/sandbox/platform/resilient/prediction.ts';

describe('the forecast', () => {
  test('follows a straight line exactly, and is then certain', () => {
    const trend = new Holt();
    for (let at = 0; at < 200; at++) trend.observe(at);
    const { value, deviation } = trend.forecast(10)!;
    expect(value).toBeCloseTo(209);
    expect(deviation).toBeCloseTo(0);
  });

  test('says nothing before it has seen six values', () => {
    const trend = new Holt();
    for (let at = 0; at < 5; at++) trend.observe(at);
    expect(trend.forecast(1)).toBeUndefined();
    trend.observe(5);
    expect(trend.forecast(1)).toBeDefined();
  });

  test('is less certain the further it looks', () => {
    const trend = new Holt();
    for (let at = 0; at < 50; at++) trend.observe(at % 2);
    const deviations = [1, 5, 20].map((steps) => trend.forecast(steps)!.deviation);
    expect(deviations).toEqual(deviations.toSorted((a, b) => a - b));
    expect(deviations[2]).toBeGreaterThan(deviations[0]!);
  });

  test.each([
    [0, 0.5],
    [1, 0.841345],
    [-1.959964, 0.025],
  ])('a value %d deviations above the bound is above it with chance %d', (value, chance) => {
    expect(chanceAbove(0, { value, deviation: 1 })).toBeCloseTo(chance, 6);
  });
});

describe('the predictive load manager', () => {
  function manager(horizon = 5) {
    const load = { usage: 0 };
    const done: string[] = [];
    const records: Prepared[] = [];
    const preparation = (name: string, above?: number) => ({
      name,
      above,
      prepare: () => void done.push(name),
      relax: () => void done.push(`not ${name}`),
    });
    const it = new PredictiveManager({
      usage: () => load.usage,
      horizon,
      preparations: [
        preparation('warm'),
        preparation('scale', 0.8),
        {
          name: 'tell',
          prepare: () => {
            throw new Error('nobody there');
          },
        },
      ],
      onPrepared: (record) => records.push(record),
    });
    const see = async (...usages: number[]) => {
      for (const usage of usages) {
        load.usage = usage;
        await it.look();
      }
    };
    return { it, see, done, records };
  }

  test('prepares once before a rising load reaches 80% of capacity', async () => {
    const { it, see, done, records } = manager();
    await see(0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55);
    expect(done).toEqual([]);
    await see(0.6);
    expect(it.confidence).toBeGreaterThan(0.75);
    expect(done).toEqual(['warm', 'scale']);
    expect(records).toHaveLength(3);
    await see(0.65, 0.7, 0.75, 0.8);
    expect(it.record).toEqual({ foreseen: 1, cameTrue: 1 });
  });

  test('begins a slow preparation once, however often it looks meanwhile', async () => {
    let begun = 0;
    let usage = 0;
    const it = new PredictiveManager({
      usage: () => usage,
      horizon: 5,
      preparations: [
        {
          name: 'slow',
          prepare: () => {
            begun++;
            return new Promise(() => {});
          },
        },
      ],
    });
    for (usage = 0.2; usage < 0.8; usage += 0.05) {
      void it.look();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(begun).toBe(1);
  });

  test('does nothing about a steady load', async () => {
    const { see, done, it } = manager();
    await see(...Array.from({ length: 30 }, (_, at) => 0.4 + 0.05 * (at % 2)));
    expect(done).toEqual([]);
    expect(it.record.foreseen).toBe(0);
  });

  test('relaxes when the danger is over, and prepares again for the next', async () => {
    const { see, done } = manager();
    const rise = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8];
    await see(...rise, 0.6, 0.4, 0.2, 0.1, 0.1, 0.1);
    expect(done).toEqual(['warm', 'scale', 'not warm', 'not scale']);
    await see(...rise);
    expect(done.slice(4)).toEqual(['warm', 'scale']);
  });

  test('records what failed as failed, and goes on', async () => {
    const { see, records } = manager();
    await see(0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8);
    expect(Object.fromEntries(records.map(({ name, ok }) => [name, ok]))).toEqual({
      warm: true,
      scale: true,
      tell: false,
    });
    expect(records[0]!.milliseconds).toBeGreaterThanOrEqual(0);
  });
});

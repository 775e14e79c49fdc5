import { describe, expect, it } from 'vitest';
import type { PlannedFault } from '../../src/core/plan.ts';
import { faultsAt, hasRamps } from '../../src/experiments/engine/ramp.ts';
import { planned, step } from '../support/journal-builder.ts';

const fault = (rest: Partial<PlannedFault>) => ({ ...planned('1.1', 'web', 'latency', ''), ...rest });

describe('a ramp', () => {
  const ramped = step(
    's',
    10_000,
    fault({ toxicity: { from: 0.2, to: 1 }, attributes: { latency: { from: 100, to: 300 } } }),
  );

  it.each([
    [0, 0.2, 100],
    [2500, 0.4, 150],
    [10_000, 1, 300],
    [12_000, 1, 300],
    [-5, 0.2, 100],
  ])('stands after %i ms at toxicity %d and latency %d', (elapsed, toxicity, latency) => {
    const [now] = faultsAt(ramped, elapsed);
    expect(now!.toxicity).toBeCloseTo(toxicity);
    expect(now!.attributes!.latency).toBeCloseTo(latency);
  });

  it('falls as well as it rises', () => {
    const falling = step('s', 1000, fault({ attributes: { latency: { from: 80, to: 0 } } }));
    expect(faultsAt(falling, 250)[0]!.attributes).toEqual({ latency: 60 });
  });

  it('takes whole numbers where an attribute allows no others', () => {
    const whole = step(
      's',
      900,
      fault({ type: 'ai_stream_cut', attributes: { afterEvents: { from: 0, to: 100 } } }),
    );
    expect(faultsAt(whole, 300)[0]!.attributes).toEqual({ afterEvents: 33 });
  });

  it('leaves alone what does not change', () => {
    const fixed = step(
      's',
      1000,
      fault({ match: { first: 3 }, attributes: { latency: 5, headers: { a: 'b' } } }),
    );
    expect(faultsAt(fixed, 500)).toEqual([
      {
        id: '1.1',
        proxy: 'web',
        type: 'latency',
        toxicity: 1,
        match: { first: 3 },
        attributes: { latency: 5, headers: { a: 'b' } },
      },
    ]);
    expect(hasRamps(fixed)).toBe(false);
    expect(hasRamps(ramped)).toBe(true);
  });
});

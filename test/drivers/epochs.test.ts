import { beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import { Epochs, leaseMs } from '../../src/drivers/leased/epochs.ts';
import { FakeClock } from '../support/fake-clock.ts';

let clock: FakeClock;
let epochs: Epochs;
let expired: number;

const judged = (run: string, epoch: number) => {
  try {
    return epochs.judge(run, epoch);
  } catch (error) {
    return (error as FaultlineError).code;
  }
};

beforeEach(() => {
  clock = new FakeClock();
  expired = 0;
  epochs = new Epochs(clock, () => {
    expired += 1;
  });
});

describe('epochs of a driver', () => {
  test('are new once, and renewed by their own run', () => {
    expect(judged('r', 1)).toBe('new');
    epochs.grant('r', 1, 1000);
    expect(judged('r', 1)).toBe('renewal');
    expect(judged('other', 2)).toBe('OTHER_RUN');
    expect(judged('r', 2)).toBe('new');
  });

  test('live as long as they are renewed, and not a moment longer', () => {
    epochs.grant('r', 1, 1000);
    clock.advance(900);
    epochs.grant('r', 1, 1000);
    clock.advance(999);
    expect(epochs).toMatchObject({ live: 1, expiresIn: 1 });
    clock.advance(1);
    expect(epochs).toMatchObject({ live: undefined, expiresIn: 0, highest: 1 });
    expect(expired).toBe(1);
    expect(judged('r', 1)).toBe('EPOCH_SPENT');
    expect(judged('other', 2)).toBe('new');
  });

  test('of a process that stood still are over before its timer has fired', () => {
    epochs.grant('r', 1, 1000);
    clock.freeze(5000);
    expect(judged('r', 1)).toBe('EPOCH_SPENT');
    expect(expired).toBe(1);
    clock.advance(0);
    expect(expired).toBe(1);
  });

  test('are spent up to the one named, and then for good', () => {
    epochs.grant('r', 5, 1000);
    expect(epochs.spend(4)).toBe(false);
    expect(epochs.spend(5)).toBe(true);
    expect(epochs.spend()).toBe(false);
    expect(judged('r', 5)).toBe('EPOCH_SPENT');
    expect(epochs.spend(9)).toBe(false);
    expect(judged('r', 9)).toBe('EPOCH_SPENT');
    expect(clock.pending).toBe(0);
  });

  test.each([999, '301s', '0s'])('a lease of %s is refused', (lease) => {
    expect(() => leaseMs(lease)).toThrow('from 1s to 5m');
  });
});

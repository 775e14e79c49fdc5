import { describe, expect, test } from 'vitest';
import type { Observation, ProxyObservation } from '../../src/core/observation.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { RunBounds } from '../../src/safety/bounds/index.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { planned, step } from '../support/journal-builder.ts';

interface Second {
  /** Requests of clients in this second; of them retries; sent on; acted on by the fault. */
  readonly units?: number;
  readonly retries?: number;
  readonly sent?: number;
  readonly retriesSent?: number;
  readonly touched?: number;
  readonly open?: number;
}

/** Plays seconds of one proxy's traffic before the first fault, and then in each of the epochs after it. */
function play(
  limits: { spend?: object; reach?: object },
  before: readonly Second[],
  epochs: readonly (readonly Second[])[],
  { protocol = 'openai', type = 'ai_ttft' }: { protocol?: Protocol; type?: string } = {},
) {
  const bounds = new RunBounds({
    plan: {
      proxies: [{ name: 'ai', protocol, listen: '', upstream: '' }],
      steps: [step('one', 1000, planned('1.1', 'ai', type, ''))],
    },
    limits: { reach: { ...DEFAULT_LIMITS.reach, ...limits.reach }, spend: limits.spend ?? {} },
    seen: 3,
  });
  const breaches: { readonly at: number; readonly text: string; readonly value: number }[] = [];
  let mono = 0;
  for (const [index, seconds] of [[{}, ...before], ...epochs].entries()) {
    let sum = { units: 0, retries: 0, sent: 0, retriesSent: 0, touched: 0 };
    for (const { open = 0, ...one } of seconds) {
      sum = add(sum, one);
      const breach = bounds.observed(observation(mono, 3 + index, sum, open));
      if (breach) breaches.push({ at: mono, text: breach.text, value: breach.value });
      mono += 1000;
    }
  }
  return { breaches, worst: Object.fromEntries(bounds.worst.map(({ limit, value }) => [limit, value])) };
}

type Sum = Required<Omit<Second, 'open'>>;
const add = (
  sum: Sum,
  { units = 0, retries = 0, sent = units, retriesSent = retries, touched = 0 }: Second,
): Sum => ({
  units: sum.units + units,
  retries: sum.retries + retries,
  sent: sum.sent + sent,
  retriesSent: sum.retriesSent + retriesSent,
  touched: sum.touched + touched,
});

function observation(mono: number, epoch: number, sum: Sum, open: number): Observation {
  const { units, retries, sent, retriesSent, touched } = sum;
  const ai: ProxyObservation = {
    connections: { open, new: 0, closed: 0, reset: 0 },
    bytes: { up: 0, down: 0 },
    units,
    status: {},
    latency: { organic: '', injected: '' },
    retries,
    sentOn: { requests: sent, retries: retriesSent },
    held: { open: 0, longestMs: 0 },
    faults: epoch > 3 ? { '1.1': { matched: touched, injected: touched, skipped: {} } } : {},
  };
  return { t: '', mono, instance: 'i', epoch, cohort: 'all', proxies: { ai } };
}

const seconds = (count: number, second: Second) => Array.from({ length: count }, () => second);
const TWICE = { spend: { retryAmplification: 2 } };

describe('retry amplification', () => {
  test('is what is sent on for each request that clients began, by what requests say', () => {
    const { breaches } = play(TWICE, [], [seconds(30, { units: 30, retries: 20 })]);
    expect(breaches[0]).toMatchObject({ at: 3000, value: 3 });
    expect(breaches[0]!.text).toBe('90 requests were sent on in 3 s for 30 that clients began');
  });

  test('is not raised by retries that a fault answers itself: nobody pays for them', () => {
    const { breaches, worst } = play(
      TWICE,
      [],
      [seconds(30, { units: 30, retries: 20, sent: 10, retriesSent: 5 })],
    );
    expect(breaches).toEqual([]);
    expect(worst.retryAmplification).toBe(1);
  });

  test('is also what is sent on beyond the rate of the baseline, where retries do not say what they are', () => {
    const { breaches } = play(TWICE, seconds(30, { units: 10 }), [seconds(30, { units: 30 })]);
    expect(breaches[0]).toMatchObject({ value: 3 });
    expect(breaches[0]!.text).toMatch(/where the baseline sent 30 in that time$/);
  });

  test('falls again with the traffic: it is over the last ten seconds', () => {
    const { breaches } = play({ spend: { retryAmplification: 2.5 } }, seconds(30, { units: 10 }), [
      [...seconds(2, { units: 30 }), ...seconds(30, { units: 10 })],
    ]);
    expect(breaches).toEqual([]);
  });

  test('is not judged on fewer than 20 requests, or on a baseline of fewer', () => {
    expect(play(TWICE, [], [seconds(5, { units: 3, retries: 2 })]).breaches).toEqual([]);
    expect(play(TWICE, seconds(3, { units: 1 }), [seconds(30, { units: 30 })]).breaches).toEqual([]);
  });

  test('goes on over a change of epochs, in which counts begin anew', () => {
    const { breaches, worst } = play(TWICE, seconds(30, { units: 10 }), [
      seconds(20, { units: 11 }),
      seconds(20, { units: 12 }),
    ]);
    expect(breaches).toEqual([]);
    expect(worst.retryAmplification).toBeLessThan(1.4);
  });

  test('is not judged on a proxy that nobody pays for', () => {
    const { breaches } = play(TWICE, [], [seconds(30, { units: 30, retries: 20 })], {
      protocol: 'http',
      type: 'http_latency',
    });
    expect(breaches).toEqual([]);
  });
});

describe('requests that retries add', () => {
  const limits = { spend: { extraRequests: 100 } };

  test('are counted from the first fault on, through all epochs', () => {
    const { breaches } = play(
      limits,
      [],
      [seconds(8, { units: 20, retries: 10 }), seconds(8, { units: 20, retries: 10 })],
    );
    expect(breaches[0]).toMatchObject({ value: 110 });
    expect(breaches[0]!.text).toBe('110 of 220 requests that were sent on say that they are retries');
  });

  test('are also those beyond what the baseline explains', () => {
    const { breaches } = play(limits, seconds(30, { units: 10 }), [seconds(30, { units: 20 })]);
    expect(breaches[0]!.text).toMatch(
      /^\d+ requests were sent on in \d+ s, where the baseline explains \d+$/,
    );
    expect(breaches[0]!.value).toBeGreaterThan(100);
  });

  test('are not made of chance: a healthy hour at a changing pace passes a bound that its noise would break', () => {
    const noisy = (index: number) => ({ units: 50 + ((index * 7919) % 21) - 10 });
    const hour = Array.from({ length: 3600 }, (_, index) => noisy(index));
    const { breaches, worst } = play(
      { spend: { extraRequests: 0 } },
      Array.from({ length: 30 }, (_, i) => noisy(i)),
      [hour],
    );
    expect(breaches).toEqual([]);
    expect(worst.extraRequests).toBeLessThanOrEqual(0);
  });
});

describe('traffic that faults touch', () => {
  test('is bounded in requests a second, over ten seconds', () => {
    const { breaches } = play({ reach: { requestsPerSecond: 20 } }, seconds(5, { units: 50 }), [
      [...seconds(6, { units: 50, touched: 10 }), ...seconds(20, { units: 50, touched: 30 })],
    ]);
    expect(breaches[0]!.value).toBeGreaterThan(20);
    expect(breaches[0]!.text).toMatch(/^faults act on [\d.]+ requests a second \(\d+ in \d+ s\)$/);
  });

  test('is never more than there is: two faults on each request are not twice the requests', () => {
    const { worst } = play({}, [], [seconds(10, { units: 50, touched: 100 })]);
    expect(worst.requestsPerSecond).toBe(50);
  });

  test('is bounded in connections that are open and that a fault acts on', () => {
    const slow = { type: 'latency' };
    const reach = { connections: 50 };
    expect(play({ reach }, [], [seconds(3, { touched: 40, open: 45 })], slow).breaches).toEqual([]);
    expect(play({ reach }, [], [seconds(3, { touched: 10, open: 500 })], slow).breaches).toEqual([]);
    expect(play({ reach }, [], [seconds(3, { touched: 60, open: 60 })], slow).breaches[0]).toMatchObject({
      value: 60,
      text: '60 connections are open on which faults act',
    });
  });
});

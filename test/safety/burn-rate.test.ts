import { describe, expect, test } from 'vitest';
import type { AbortRule } from '../../src/core/limits.ts';
import { burnRateJudge } from '../../src/safety/judges/burn-rate.ts';
import { isLooser, sloRule } from '../../src/safety/limits/abort-rule.ts';
import { withBurnWindows } from '../../src/safety/limits/burn-rate.ts';
import { parseLimits } from '../../src/safety/limits/index.ts';

const MINUTE = 60_000;
const WINDOW = { probe: 'read', samples: 20, measures: {}, missed: [] };

/** A judge of a run of `minutes`, fed four samples a second; answers what it says, and when. */
function judging(slo: number, minutes = 6) {
  const rule = withBurnWindows(sloRule(slo, 'read', 'safety-limits'), minutes * MINUTE);
  const judge = burnRateJudge({ ...rule, slo }, 'read');
  let at = 0;
  return {
    /** Feeds samples for so long, of which one in `every` fails (0: none). */
    feed(seconds: number, every: number) {
      for (let sample = 1; sample <= seconds * 4; sample++) {
        at += 250;
        const ok = every === 0 || sample % every !== 0;
        const breach = judge.judge({
          at,
          sample: { probe: 'read', mono: at, ms: 5, ok },
          window: WINDOW,
          baseline: undefined,
        });
        if (breach) return { at, ...breach };
      }
      return undefined;
    },
  };
}

function complaint(rule: string): string {
  try {
    parseLimits(`abortWhen: [${rule}]`, 'l.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('the windows of an objective', () => {
  test('keep the proportions of an hour and six, scaled to the run', () => {
    const { burn, text, bound, forMs } = withBurnWindows(sloRule(0.999, '*', 'experiment'), 6 * MINUTE);
    expect(burn).toEqual([
      { rate: 14.4, longMs: 30_000, shortMs: 2500 },
      { rate: 6, longMs: 180_000, shortMs: 15_000 },
    ]);
    expect(text).toBe(
      'slo 99.9%, its budget spent faster than 14.4x over 30 s and 2.5 s or 6x over 3 min and 15 s',
    );
    expect(bound).toBeCloseTo(0.006);
    expect(forMs).toBe(180_000);
  });

  test('are no shorter than ten seconds in a short run', () => {
    expect(withBurnWindows(sloRule(0.999, '*', 'experiment'), 5000).burn![0]!.longMs).toBe(10_000);
  });

  test('leave out a rate that no system could reach', () => {
    const { burn } = withBurnWindows(sloRule(0.9, '*', 'experiment'), MINUTE);
    expect(burn!.map(({ rate }) => rate)).toEqual([6]);
  });

  test('are not for other rules', () => {
    const rule: AbortRule = { ...sloRule(0.99, '*', 'experiment'), slo: undefined };
    expect(withBurnWindows(rule, MINUTE)).toBe(rule);
  });
});

describe('an error budget', () => {
  test('that burns fast is a breach within seconds, with its figures', () => {
    const run = judging(0.999);
    expect(run.feed(60, 0)).toBeUndefined();
    const breach = run.feed(60, 2);
    expect(breach!.at).toBeLessThan(63_000);
    expect(breach!.text).toMatch(
      /^read: 3 of 120 samples failed in 30 s, which spends the error budget of 99.9% at 25x, and at \d+x in the last 2\.5 s; the safety limits stop at 14.4x\.$/,
    );
  });

  test('that burns slowly is a breach of the slow window alone', () => {
    const run = judging(0.999);
    const breach = run.feed(300, 100);
    expect(breach!.at).toBeGreaterThan(60_000);
    expect(breach!.text).toContain('the safety limits stop at 6x.');
  });

  test('that is spent as the objective allows is none', () => {
    expect(judging(0.99).feed(600, 120)).toBeUndefined();
  });

  test('that burns for a minute is no breach where the windows span many', () => {
    expect(judging(0.95, 60).feed(60, 2)).toBeUndefined();
    expect(judging(0.95, 6).feed(180, 2)).toBeDefined();
  });

  test('is not judged on two failures, or on fewer than twenty samples', () => {
    expect(judging(0.999).feed(4.5, 9)).toBeUndefined();
    expect(judging(0.999).feed(4, 1)).toBeUndefined();
    expect(judging(0.999).feed(6, 1)).toMatchObject({ at: 5000 });
  });
});

describe('a rule with an objective', () => {
  test.each([
    ['one that nobody would call so', '{ slo: 50% }', 'give a share from 90% to less than 100%'],
    ['one that allows nothing', '{ slo: 100% }', 'give a share from 90% to less than 100%'],
    ['with a time of its own', '{ slo: 99%, for: 5s }', 'an slo has windows of its own: leave "for" out'],
    ['with a bound besides', '{ slo: 99%, errorRate: "> 5%" }', 'names 2 measures (errorRate, slo)'],
  ])('is refused: %s', (_, rule, sentence) => {
    expect(complaint(rule)).toContain(sentence);
  });

  test('is read from the limits', () => {
    const [rule] = parseLimits('abortWhen: [{ probe: a, slo: 99.95% }]', 'l.yaml').abortWhen;
    expect(rule).toMatchObject({ probe: 'a', slo: 0.9995, text: 'slo 99.95%', measure: 'errorRate' });
  });

  test('is looser than one with more nines, and not compared with a plain bound', () => {
    const of = (slo: number) => sloRule(slo, '*', 'experiment');
    expect(isLooser(of(0.99), of(0.999))).toBe(true);
    expect(isLooser(of(0.999), of(0.99))).toBe(false);
    expect(isLooser({ ...of(0.99), slo: undefined, bound: 0.9 }, of(0.999))).toBe(false);
  });
});

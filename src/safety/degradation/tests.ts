import type { JudgedTest } from '../../core/journal.ts';
import type { Tolerance } from '../../core/limits.ts';
import type { Sample } from '../../core/ports.ts';
import { canAlarm, designTest, type SequentialDesign } from '../../core/sequential.ts';
import { looksOf } from './dependence.ts';

/** Below these differences nobody's users notice, whatever the factor: points of a rate, and ms. */
const ALLOWED = { errorRate: 0.01, p50: 0.02, p95: 0.01, ms: 20 } as const;
/** A baseline is long enough when so many independent looks, all of them bad, would be an alarm. The body can but double its rate. */
const LOOKS_TO_ALARM = { errorRate: 20, p50: 60, p95: 20 } as const;
/** More samples than any baseline has: no length of it would do. */
const MOST_NEEDED = 20_000;

/** Each probe is judged on its failures, and on the body and the tail of its latencies. */
export const TESTS_PER_PROBE = 3;

export interface TestOptions {
  /** Bound on the chance of a false alarm of one test over the whole run. */
  readonly falseAlarm: number;
  readonly tolerate: Tolerance;
  readonly everyMs: number;
  /** The longest that faults may be in force. */
  readonly durationMs: number;
}

/** One measure of one probe, held against its baseline. */
export interface DegradationTest {
  readonly facts: Omit<JudgedTest, 'needs'>;
  readonly design: SequentialDesign;
  /** Whether the baseline is long enough for the test to be an alarm at all. */
  readonly judged: boolean;
  /** Samples of the baseline with which it would be, to within a tenth; null where no number would do. */
  needs(): number | null;
  isBad(sample: Pick<Sample, 'ok' | 'ms'>): boolean;
}

/**
 * The tests of a probe with this baseline.
 * - `errorRate`: a sample is bad when it failed. Tolerated is a rate of `tolerate.errorRate` times the baseline's, and one point more.
 * - `p50`, `p95`: a sample is bad when it took longer than `tolerate.latency` times that percentile of the baseline, and at
 *   least 20 ms longer. As many samples may do so as exceeded the percentile itself (and two, or one, in a hundred more):
 *   latencies that all grow by up to that factor never exceed what is tolerated, whatever their distribution.
 */
export function testsFor(
  baseline: readonly Pick<Sample, 'ok' | 'ms'>[],
  options: TestOptions,
): readonly DegradationTest[] {
  const sorted = baseline.map(({ ms }) => ms).sort((left, right) => left - right);
  const looks = looksOf(
    baseline.map(({ ms }) => ms),
    options.everyMs,
  );
  const failed = baseline.filter(({ ok }) => !ok).length;
  const errors = made({
    facts: { measure: 'errorRate', bad: failed, samples: baseline.length, looks },
    tolerated: (rate) => Math.max(rate * options.tolerate.errorRate, rate + ALLOWED.errorRate),
    options,
    isBad: ({ ok }) => !ok,
  });
  const slow = (
    [
      ['p50', 0.5],
      ['p95', 0.95],
    ] as const
  ).map(([measure, share]) => {
    const above = Math.floor((1 - share) * sorted.length);
    const before = sorted[sorted.length - 1 - above]!;
    const slowerThanMs = Math.max(before * options.tolerate.latency, before + ALLOWED.ms);
    return made({
      facts: { measure, bad: above, samples: sorted.length, looks, slowerThanMs },
      tolerated: (rate) => rate + ALLOWED[measure],
      options,
      isBad: ({ ms }) => ms > slowerThanMs,
    });
  });
  return [errors, ...slow];
}

interface Making extends Pick<DegradationTest, 'isBad'> {
  readonly facts: Omit<JudgedTest, 'tolerated' | 'threshold' | 'needs'>;
  readonly tolerated: (rate: number) => number;
  readonly options: TestOptions;
}

function made({ facts, tolerated, options, isBad }: Making): DegradationTest {
  const { samples, looks } = facts;
  const rate = facts.bad / samples;
  const { falseAlarm, durationMs, everyMs } = options;
  const horizon = Math.ceil(durationMs / everyMs);
  const designFor = (count: number) =>
    designTest({ bad: rate * count, samples: count, tolerated, looks, falseAlarm, horizon });
  const isEnough = (design: SequentialDesign) => canAlarm(design, LOOKS_TO_ALARM[facts.measure]);
  const design = designFor(samples);
  return {
    facts: { ...facts, tolerated: tolerated(rate), threshold: design.threshold },
    design,
    judged: isEnough(design),
    needs: () => samplesNeeded((count) => isEnough(designFor(count)), samples),
    isBad,
  };
}

function samplesNeeded(isEnough: (samples: number) => boolean, from: number): number | null {
  for (let count = from + 1; count <= MOST_NEEDED; count = Math.ceil(count * 1.1)) {
    if (isEnough(count)) return count;
  }
  return null;
}

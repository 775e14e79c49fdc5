import type { JudgedTest } from '../../core/journal.ts';
import type { Tolerance } from '../../core/limits.ts';
import type { Sample } from '../../core/ports.ts';
import { canAlarm, designTest, type SequentialDesign } from '../../core/sequential.ts';
import { looksOf } from './dependence.ts';

/** Below these differences nobody's users notice, whatever the factor: points of a rate, and ms. */
const ALLOWED = { errorRate: 0.01, p50: 0.05, p95: 0.01, ms: 25 } as const;
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
export interface DegradationTest extends JudgedTest {
  readonly design: SequentialDesign;
  isBad(sample: Pick<Sample, 'ok' | 'ms'>): boolean;
}

/**
 * The tests of a probe with this baseline.
 * - `errorRate`: a sample is bad when it failed. Tolerated is a rate of `tolerate.errorRate` times the baseline's, and one point more.
 * - `p50`, `p95`: a sample is bad when it took longer than `tolerate.latency` times that percentile of the baseline, and at
 *   least 25 ms longer. As many samples may do so as exceeded the percentile itself (and five, or one, in a hundred more):
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
    measure: 'errorRate',
    bad: failed,
    samples: baseline.length,
    looks,
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
    const test = made({
      measure,
      bad: above,
      samples: sorted.length,
      looks,
      tolerated: (rate) => rate + ALLOWED[measure],
      options,
      isBad: ({ ms }) => ms > slowerThanMs,
    });
    return { ...test, slowerThanMs };
  });
  return [errors, ...slow];
}

interface Making extends Pick<DegradationTest, 'measure' | 'bad' | 'samples' | 'looks' | 'isBad'> {
  readonly tolerated: (rate: number) => number;
  readonly options: TestOptions;
}

function made({ tolerated, options, isBad, ...facts }: Making): DegradationTest {
  const { bad, samples, looks } = facts;
  const { falseAlarm, durationMs, everyMs } = options;
  const designFor = (count: number) =>
    designTest({
      bad: (bad / samples) * count,
      samples: count,
      tolerated,
      looks,
      falseAlarm,
      horizon: Math.ceil(durationMs / everyMs),
    });
  const design = designFor(samples);
  return {
    ...facts,
    tolerated: tolerated(bad / samples),
    threshold: design.threshold,
    ...(canAlarm(design) ? {} : { needs: samplesNeeded(designFor, samples) }),
    design,
    isBad,
  };
}

/** The baseline that would do, to within a tenth. */
function samplesNeeded(designFor: (samples: number) => SequentialDesign, from: number): number | null {
  for (let count = from + 1; count <= MOST_NEEDED; count = Math.ceil(count * 1.1)) {
    if (canAlarm(designFor(count))) return count;
  }
  return null;
}

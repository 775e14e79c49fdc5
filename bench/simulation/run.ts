import type { ProbeWindow } from '../../src/core/journal.ts';
import type { Sample } from '../../src/core/ports.ts';
import { percentile } from '../../src/core/statistics.ts';
import { TESTS_PER_PROBE, testsFor } from '../../src/safety/degradation/tests.ts';
import { degradationJudge } from '../../src/safety/judges/degradation.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import type { Traffic } from './traffic.ts';

export const EVERY_MS = 500;
/** Bound on the chance of a false abort over a whole run. */
export const FALSE_ABORT = DEFAULT_LIMITS.monitor.falseAbort;
const { tolerate } = DEFAULT_LIMITS.monitor;

export interface Simulated {
  readonly traffics: readonly Traffic[];
  /** Samples of the baseline, and of the run after it. */
  readonly baseline: number;
  readonly length: number;
}

/** After how many samples of the run each rule would have aborted it; undefined where it would not. */
export interface Outcome {
  /** Share of the sequential tests for which the baseline was long enough. */
  readonly judged: number;
  sequential?: number;
  /** Three failed samples of a probe in a row. */
  failures?: number;
  /** Three samples of a probe in a row that took longer than its baseline's p95. */
  slow?: number;
}

/** Plays a run of a probe for each of the traffics, judged as the safety monitor does it, with the limits that hold by default. */
export function simulate({ traffics, baseline, length }: Simulated): Outcome {
  const names = traffics.map((_, index) => `p${index}`);
  const measured = traffics.map((next, index) =>
    Array.from({ length: baseline }, () => toSample(names[index]!, next())),
  );
  const falseAlarm = FALSE_ABORT / (traffics.length * TESTS_PER_PROBE);
  const options = { falseAlarm, tolerate, everyMs: EVERY_MS, durationMs: length * EVERY_MS };
  const tests = measured.map((samples) => testsFor(samples, options));
  const judges = tests.map((all, index) => degradationJudge(names[index]!, all));
  const plain = measured.map((samples) => threeInARow(samples));
  const outcome: Outcome = {
    judged: tests.flat().filter(({ judged }) => judged).length / tests.flat().length,
  };
  for (let at = 1; at <= length; at++) {
    for (const [index, next] of traffics.entries()) {
      const sample = toSample(names[index]!, next());
      const sight = { at, sample, window: NO_WINDOW, baseline: undefined };
      if (!outcome.sequential && judges[index]!.judge(sight)) outcome.sequential = at;
      const { failures, slow } = plain[index]!(sample);
      if (failures) outcome.failures ??= at;
      if (slow) outcome.slow ??= at;
    }
    if (outcome.sequential && outcome.failures && outcome.slow) break;
  }
  return outcome;
}

const NO_WINDOW: ProbeWindow = { probe: '', samples: 0, measures: {}, missed: [] };

function toSample(probe: string, { ok, ms }: Pick<Sample, 'ok' | 'ms'>): Sample {
  return { probe, mono: 0, ok, ms };
}

function threeInARow(baseline: readonly Sample[]): (sample: Sample) => { failures: boolean; slow: boolean } {
  const sorted = baseline.map(({ ms }) => ms).sort((left, right) => left - right);
  const p95 = percentile(sorted, 0.95);
  let failures = 0;
  let slow = 0;
  return (sample) => {
    failures = sample.ok ? 0 : failures + 1;
    slow = sample.ms > p95 ? slow + 1 : 0;
    return { failures: failures >= 3, slow: slow >= 3 };
  };
}

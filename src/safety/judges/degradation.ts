import type { EvidenceFigure, JudgedTest } from '../../core/journal.ts';
import type { AbortRule, MonitorLimits, Tolerance } from '../../core/limits.ts';
import type { ProbeSpec } from '../../core/plan.ts';
import type { Sample } from '../../core/ports.ts';
import { Evidence } from '../../core/sequential.ts';
import { percentile } from '../../core/statistics.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import type { Baseline } from '../contract.ts';
import { type DegradationTest, TESTS_PER_PROBE, testsFor } from '../degradation/tests.ts';
import { LEAST_SAMPLES } from '../windows.ts';
import type { Breach, Judge } from './judge.ts';

export interface DegradationOptions {
  readonly specs: readonly ProbeSpec[];
  readonly baseline: Baseline;
  readonly limits: Pick<MonitorLimits, 'falseAbort'>;
  readonly tolerate: Tolerance;
  /** The longest that faults may be in force. */
  readonly durationMs: number;
}

/**
 * A judge for each probe that has become worse than its baseline. The chance that any of them is wrong over a whole run is
 * at most `falseAbort`: each test of each probe has an equal share of it (Bonferroni). None where it is 0.
 */
export function degradationJudges(options: DegradationOptions): readonly Judge[] {
  const { specs, baseline, limits, tolerate, durationMs } = options;
  if (limits.falseAbort === 0) return [];
  const falseAlarm = limits.falseAbort / (specs.length * TESTS_PER_PROBE);
  return specs.flatMap(({ name, everyMs }) => {
    const samples = baseline.samples?.get(name) ?? [];
    if (samples.length === 0) return [];
    return [degradationJudge(name, testsFor(samples, { falseAlarm, tolerate, everyMs, durationMs }))];
  });
}

interface Watched {
  readonly test: DegradationTest;
  readonly evidence: Evidence;
  /** Evidence from which on there is news. */
  newsFrom: number;
}

export function degradationJudge(probe: string, tests: readonly DegradationTest[]): Judge {
  const watched = tests
    .filter(({ judged }) => judged)
    .map((test): Watched => ({ test, evidence: new Evidence(test.design), newsFrom: 10 }));
  const recent: Sample[] = [];
  let news: EvidenceFigure[] = [];

  function take(one: Watched, sample: Sample): Breach | undefined {
    const { test, evidence } = one;
    const value = evidence.add(test.isBad(sample));
    if (value >= one.newsFrom) {
      one.newsFrom = 10 ** (Math.floor(Math.log10(value)) + 1);
      const { measure, threshold } = test.facts;
      news.push({ probe, measure, evidence: round(value), threshold, samples: evidence.samples });
    }
    return value >= test.design.threshold ? breachOf(probe, one, recent) : undefined;
  }

  return {
    probe,
    basis: () => tests.map(({ facts, judged, needs }) => (judged ? facts : { ...facts, needs: needs() })),
    judge({ sample }) {
      if (!sample) return undefined;
      recent.push(sample);
      if (recent.length > LEAST_SAMPLES) recent.shift();
      let breach: Breach | undefined;
      for (const one of watched) breach = take(one, sample) ?? breach;
      return breach;
    },
    news() {
      const told = news;
      news = [];
      return told;
    },
  };
}

function breachOf(probe: string, { test, evidence }: Watched, recent: readonly Sample[]): Breach {
  const { measure, bad, samples, threshold, slowerThanMs, tolerated } = test.facts;
  const many = recent.filter((sample) => test.isBad(sample)).length;
  const now = `${many} of the last ${recent.length} samples`;
  const before = `${bad} of the baseline's ${samples}`;
  const worse =
    slowerThanMs === undefined
      ? `${now} failed, as did ${before}`
      : `${now} took longer than ${formatDuration(slowerThanMs)}, where ${before} took longer than its ${measure}`;
  const sure = `evidence ${round(evidence.value)} reached ${round(threshold)} after ${evidence.samples} samples`;
  return {
    rule: ruleFor(test.facts),
    probe,
    value: figureNow(measure, recent),
    baseline: measure === 'errorRate' ? bad / samples : Number.NaN,
    text: `${probe} is worse than its baseline: ${worse}; the sequential test of ${measure} tolerates ${formatShare(tolerated)} (${sure}).`,
  };
}

/** How the journal names the test: no bound of its own, since what is tolerated depends on the baseline. */
function ruleFor({ measure, tolerated }: DegradationTest['facts']): AbortRule {
  return {
    probe: '*',
    measure,
    operator: '>',
    bound: tolerated,
    relative: false,
    forMs: 0,
    text: `sequential test of ${measure} against the baseline`,
    source: 'safety-limits',
  };
}

function figureNow(measure: JudgedTest['measure'], recent: readonly Sample[]): number {
  if (measure === 'errorRate') return recent.filter(({ ok }) => !ok).length / recent.length;
  const sorted = recent.map(({ ms }) => ms).sort((left, right) => left - right);
  return percentile(sorted, measure === 'p50' ? 0.5 : 0.95);
}

/** Three digits say as much as anybody reads. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}

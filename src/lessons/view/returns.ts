import { type Expectation, meets } from '../../core/expectation.ts';
import type { ProbeView } from './probes.ts';
import { MIN_SAMPLES, measure, type TimedSample } from './window.ts';

/**
 * When a probe was itself again: the start of the first window after `since` in which all its expectations hold. Null when
 * there is none.
 */
export function returnedAt(probe: ProbeView, since: number): number | null {
  const after = probe.samples.filter((sample) => sample.at >= since);
  for (const [index, first] of after.entries()) {
    const window = windowFrom(after, index, probe.spec?.windowMs ?? 10_000);
    if (allHold(probe, window)) return first.at;
  }
  return null;
}

/** Reaches as far as the window is long, and on to the least number of samples where there are so many. */
function windowFrom(samples: readonly TimedSample[], index: number, windowMs: number) {
  const end = samples[index]!.at + windowMs;
  const until = samples.findIndex((sample, other) => other > index && sample.at > end);
  return samples.slice(index, Math.max(until < 0 ? samples.length : until, index + MIN_SAMPLES));
}

function allHold(probe: ProbeView, window: readonly TimedSample[]): boolean {
  const expectations = probe.spec?.expect ?? [];
  const tolerant = expectations.some((expectation) => expectation.measure === 'errorRate');
  if (!tolerant && window.some((sample) => !sample.ok)) return false;
  return expectations.every((expectation) => holds(probe, expectation, window));
}

function holds(probe: ProbeView, expectation: Expectation, window: readonly TimedSample[]): boolean {
  const wanted = expectation.measure;
  // What each sample has by itself has made it fail or not.
  if ((wanted === 'status' || wanted === 'value') && !expectation.relative) return true;
  const value = measure(window, wanted);
  const baseline = probe.baseline(wanted);
  if (expectation.relative && Number.isNaN(baseline)) return true;
  return meets(expectation, value, baseline);
}

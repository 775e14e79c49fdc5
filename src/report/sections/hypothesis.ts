import { type Expectation, meets, parseExpectation } from '../../core/expectation.ts';
import { ofType, type TimedEventOf } from '../../lessons/view/clock.ts';
import { underFault } from '../../lessons/view/spans.ts';
import type { ProbeView, RunView } from '../../lessons/view/view.ts';
import { measure, rolling, worst } from '../../lessons/view/window.ts';
import type { ExpectationRow, HypothesisFacts, LoadFacts } from '../summary.ts';
import { orNull, type Seconds } from './base.ts';
import { inSearch } from './searches.ts';

/** What a probe that says nothing of its errors is held to. */
const NO_FAILURE = parseExpectation('errorRate', '== 0%');

/** The hypothesis held when every expectation did, under the faults and again in time after them, and every threshold of a load. */
export function hypothesisOf(view: RunView, loads: readonly LoadFacts[], s: Seconds): HypothesisFacts {
  const expectations = view.probes.flatMap((probe) =>
    expectationsOf(view, probe).map((expectation) => rowOf(view, probe, expectation, s)),
  );
  const judged = expectations.some((row) => row.outcome === 'held' || row.outcome === 'missed');
  const missed =
    expectations.some((row) => row.outcome === 'missed') ||
    loads.some(({ thresholds }) => thresholds.some(({ met }) => met === false)) ||
    view.recovery?.recovered === false;
  return {
    text: view.plan?.hypothesis ?? '',
    outcome: !judged || view.faulted === null ? 'not tested' : missed ? 'missed' : 'held',
    expectations,
  };
}

function expectationsOf(view: RunView, probe: ProbeView): readonly Expectation[] {
  const stated = probe.spec?.expect ?? [];
  return departureOf(view, probe, NO_FAILURE) ? [...stated, NO_FAILURE] : stated;
}

function rowOf(view: RunView, probe: ProbeView, expectation: Expectation, s: Seconds): ExpectationRow {
  const { faulted } = view;
  const baseline = probe.baseline(expectation.measure);
  const points = rolling(probe.samples, expectation.measure, probe.spec?.windowMs ?? 10_000).filter(
    (point) => faulted !== null && point.at >= faulted.from && point.at <= faulted.to,
  );
  const furthest = worst(points, expectation, baseline);
  const left = departureOf(view, probe, expectation);
  return {
    probe: probe.name,
    kind: probe.spec?.kind ?? 'unknown',
    expectation: expectation.text,
    measure: expectation.measure,
    baseline: orNull(baseline),
    worst: orNull(furthest?.value ?? left?.value ?? Number.NaN),
    worstS: furthest && furthest.value !== baseline ? s(furthest.at) : null,
    after: orNull(afterwards(view, probe, expectation)),
    missedS: left ? s(left.at) : null,
    outcome: outcomeOf(view, probe, expectation, left !== undefined, points.length),
  };
}

function outcomeOf(
  view: RunView,
  probe: ProbeView,
  expectation: Expectation,
  left: boolean,
  windows: number,
): ExpectationRow['outcome'] {
  if (left) return 'missed';
  // Where the probe states an errorRate, a sample with another status is a failed sample and judged by that rate alone.
  const byRate =
    (expectation.measure === 'status' || expectation.measure === 'value') &&
    !expectation.relative &&
    probe.spec?.expect.some((other) => other.measure === 'errorRate');
  const broken = underFault(view, probe).some((sample) => {
    const own = sample[expectation.measure as 'status' | 'value'];
    return own !== undefined && !meets(expectation, own);
  });
  if (byRate && broken) return 'in errorRate';
  return windows > 0 ? 'held' : 'not judged';
}

/** The run's own judgement stands; windows are worked out again only for the figures. */
function departureOf(
  view: RunView,
  probe: ProbeView,
  expectation: Expectation,
): TimedEventOf<'left-baseline'> | undefined {
  const { events, faulted } = view;
  return ofType(events, 'left-baseline').find(
    (event) =>
      !inSearch(view, event.at) &&
      event.probe === probe.name &&
      event.expectation === expectation.text &&
      faulted !== null &&
      event.at <= faulted.to,
  );
}

function afterwards({ rollback }: RunView, probe: ProbeView, { measure: wanted }: Expectation): number {
  const recorded = probe.after(wanted);
  const since = rollback?.emptied?.at;
  if (!Number.isNaN(recorded) || since === undefined) return recorded;
  return measure(probe.samples.filter((sample) => sample.at > since).slice(-40), wanted);
}

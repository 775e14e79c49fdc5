import type { ProbeView, RunView } from '../../lessons/view/view.ts';
import { rolling } from '../../lessons/view/window.ts';
import type { Point, ProbeSeries } from '../summary.ts';
import { round, type Seconds } from './base.ts';

const MOST_POINTS = 500;
/** A picture may begin its windows earlier than a judgement may. */
const LEAST_SAMPLES = 5;

export function probeSeries(view: RunView, s: Seconds): readonly ProbeSeries[] {
  return view.probes.map((probe) => seriesOf(probe, s));
}

function seriesOf(probe: ProbeView, s: Seconds): ProbeSeries {
  const { samples, spec } = probe;
  const windowMs = spec?.windowMs ?? 10_000;
  const bounds = (spec?.expect ?? []).filter(({ operator }) => operator.startsWith('<'));
  const shows = spec?.expect.some(({ measure }) => measure === 'value') ? 'value' : 'latency';
  const y = (sample: { ms: number; value?: number }) => (shows === 'value' ? sample.value : sample.ms);
  let known = 0;
  const point = (sample: (typeof samples)[number]): Point => {
    known = y(sample) ?? known;
    return [s(sample.at + sample.ms), round(known, 2)];
  };
  const points = samples.map((sample) => ({ ok: sample.ok, point: point(sample) }));
  const good = points.filter(({ ok }) => ok).map((one) => one.point);
  const failed = points.filter(({ ok }) => !ok).map((one) => one.point);
  const line = rolling(samples, shows === 'value' ? 'value' : 'p95', windowMs, LEAST_SAMPLES);
  const wanted = shows === 'value' ? 'value' : 'p95';
  const limits = bounds
    .filter(({ measure }) => measure === wanted || (shows === 'latency' && /^(p\d+|max)$/.test(measure)))
    .map(({ bound, relative, measure }) => (relative ? bound * probe.baseline(measure) : bound))
    .filter(Number.isFinite);
  return {
    probe: probe.name,
    kind: spec?.kind ?? 'unknown',
    shows,
    samples: thin(good, MOST_POINTS),
    failed: thin(failed, MOST_POINTS / 2),
    line: thin(
      line.map(({ at, value }): Point => [s(at), round(value, 2)]),
      MOST_POINTS,
    ),
    errorRate: thin(
      rolling(samples, 'errorRate', windowMs, LEAST_SAMPLES).map(
        ({ at, value }): Point => [s(at), round(value, 3)],
      ),
      MOST_POINTS / 2,
    ),
    bound: limits.length > 0 ? Math.min(...limits) : null,
    total: samples.length,
    totalFailed: failed.length,
  };
}

/** At most `most` points: of each stretch of time the lowest and the highest, so that no peak is lost. */
export function thin(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const stretches = Math.floor(most / 2);
  const size = points.length / stretches;
  const kept: Point[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const slice = points.slice(Math.floor(stretch * size), Math.floor((stretch + 1) * size));
    if (slice.length === 0) continue;
    const low = slice.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = slice.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]));
  }
  return kept;
}

import { figure } from '../../lessons/words.ts';
import type { ProbeSeries, Summary } from '../summary.ts';
import { timeAxis, xAxis, yAxis } from './axis.ts';
import { dots } from './dots.ts';
import { momentLines, stepAreas } from './marks.ts';
import { INK, paint } from './paint.ts';
import { roundUp } from './scale.ts';
import { panelTitle } from './titles.ts';

const PANEL = 92;
const TITLE = 40;

interface ProbesOptions {
  /** Highest figure of each panel, by probe, where pictures are to be held against each other. */
  readonly tops?: ReadonlyMap<string, number>;
  /** Makes names inside the picture unique in the page. */
  readonly id?: string;
}

/** Every probe over time, one panel each, on one time axis. */
export function paintProbes(
  summary: Summary,
  narrow: boolean,
  { tops = new Map(), id = 'p' }: ProbesOptions = {},
): string {
  const probes = summary.probes.filter((probe) => probe.total > 0);
  if (probes.length === 0) return '';
  const topOf = (probe: ProbeSeries) => tops.get(probe.probe) ?? ceiling(probe);
  const width = narrow ? 358 : 1000;
  const top = 38;
  const pitch = PANEL + TITLE;
  const axis = timeAxis(summary, narrow);
  const left = narrow ? 44 : 58;
  const right = narrow ? 8 : 14;
  const grids = probes.map((_, index) => ({
    left,
    right,
    top: top + TITLE + index * pitch,
    height: PANEL,
    outerBoundsMode: 'none' as const,
  }));
  return paint(
    {
      grid: grids,
      xAxis: probes.map((_, index) => xAxis(axis, index, index === probes.length - 1)),
      yAxis: probes.map((probe, index) => yAxis(index, topOf(probe), labelOf(probe))),
      series: probes.flatMap((probe, index) =>
        seriesOf(summary, probe, index, { narrow, max: topOf(probe) }),
      ),
      title: probes.flatMap((probe, index) =>
        panelTitle(
          {
            name: probe.probe,
            note: noteOf(probe, narrow),
            color: probe.totalFailed > 0 ? INK.bad : INK.muted,
          },
          top + index * pitch,
          { width, narrow },
        ),
      ),
    },
    { width, height: top + probes.length * pitch + 26 },
    `${id}${narrow ? 'n' : 'w'}`,
  );
}

/** Room above the highest figure, so that a time-out does not stick to the frame. */
export function ceiling(probe: ProbeSeries): number {
  const highest = Math.max(
    ...probe.samples.map((point) => point[1]),
    ...probe.failed.map((point) => point[1]),
    ...probe.line.map((point) => point[1]),
    0,
  );
  const wanted = probe.bound !== null && probe.bound < highest * 4 ? Math.max(highest, probe.bound) : highest;
  return roundUp(Math.max(wanted * 1.12, probe.shows === 'value' ? 4 : 5));
}

function labelOf({ shows }: ProbeSeries): (value: number) => string {
  return (value) => (value === 0 ? '0' : figure(shows === 'value' ? 'value' : 'p95', value));
}

function seriesOf(
  summary: Summary,
  probe: ProbeSeries,
  index: number,
  { narrow, max }: { readonly narrow: boolean; readonly max: number },
) {
  const axis = timeAxis(summary, narrow);
  const grid = { gridIndex: index };
  const on = { xAxisIndex: index, yAxisIndex: index, silent: true, symbol: 'none' };
  const keep = narrow ? 220 : 500;
  const bound =
    probe.bound !== null && probe.bound <= max
      ? [
          {
            yAxis: probe.bound,
            lineStyle: { color: INK.muted, width: 1, type: [3, 3] },
            label: { show: false },
          },
        ]
      : [];
  const lines = momentLines(summary, { named: index === 0, narrow, distance: 50 });
  return [
    {
      // A line without points carries the shades and the upright lines.
      type: 'line' as const,
      ...on,
      data: [[axis.from, 0]],
      lineStyle: { opacity: 0 },
      markArea: stepAreas(summary, axis, { named: index === 0, narrow, distance: 34 }),
      markLine: { ...lines, data: [...lines.data, ...bound] },
      z: 1,
    },
    {
      type: 'line' as const,
      ...on,
      data: probe.shows === 'value' ? [] : probe.errorRate.map(([s, share]) => [s, share * max]),
      lineStyle: { opacity: 0 },
      areaStyle: { color: INK.bad, opacity: 0.16 },
      z: 2,
    },
    dots(spread(probe.samples, keep), grid, { color: INK.latency, size: 2.4, opacity: 0.45 }),
    {
      type: 'line' as const,
      ...on,
      data: [...spread(probe.line, keep)],
      lineStyle: { color: INK.latency, width: 1.8 },
      step: probe.shows === 'value' ? ('end' as const) : false,
      z: 4,
    },
    dots(spread(probe.failed, keep), grid, { color: INK.bad, size: 3.4, z: 5 }),
  ];
}

function spread<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const every = points.length / most;
  return Array.from({ length: most }, (_, index) => points[Math.floor(index * every)]!);
}

function noteOf(probe: ProbeSeries, narrow: boolean): string {
  const what = probe.shows === 'value' ? 'value' : 'latency, p95';
  const failed =
    probe.totalFailed > 0 ? `${probe.totalFailed} of ${probe.total} samples failed` : 'none failed';
  return narrow ? failed : `${what}  ·  ${failed}`;
}

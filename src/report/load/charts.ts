import type { TrafficSummary, TrafficWindow } from '../../core/journal.ts';
import type { LoadStage } from '../../core/plan.ts';
import { formatDuration } from '../../core/units.ts';
import { xAxis, yAxis } from '../charts/axis.ts';
import { INK, paint } from '../charts/paint.ts';
import { roundUp } from '../charts/scale.ts';
import { panelTitle } from '../charts/titles.ts';
import { figure } from '../html/figure.ts';
import type { Markup } from '../html/markup.ts';

const PANEL = 110;
const TITLE = 44;
const TOP = 8;
/** So many windows without any request are a pause, which no line crosses. */
const PAUSE_WINDOWS = 12;
const STEPS_S = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

interface Panel {
  readonly name: string;
  readonly note: string;
  readonly bad: boolean;
  readonly lines: readonly {
    readonly color: string;
    readonly width: number;
    readonly points: readonly (readonly [number, number | null])[];
  }[];
  readonly format: (value: number) => string;
}

interface PaintedTraffic {
  readonly stages: readonly LoadStage[];
  readonly traffic: TrafficSummary;
  /** Tells its pictures from others of the page. */
  readonly id: string;
}

/** Level, throughput, latency and failures over time, one panel each, on one time axis. */
export function trafficFigure(painted: PaintedTraffic): Markup | false {
  return figure({
    paint: (narrow) => paintTraffic(painted, narrow),
    alternative: 'Level of the load, right answers, latency and failures over time',
    legend: [
      ['latency', 'line', 'p50, p95'],
      ['good', 'line', 'right answers'],
      ['bad', 'line', 'failed'],
    ],
    caption: `Windows of ${formatDuration(painted.traffic.windowMs)}, by the moment at which requests were to begin.`,
  });
}

function paintTraffic({ stages, traffic, id }: PaintedTraffic, narrow: boolean): string {
  const { windows, durationMs } = traffic;
  if (windows.length === 0) return '';
  const width = narrow ? 358 : 1000;
  const pitch = PANEL + TITLE;
  const [left, right] = narrow ? [52, 20] : [66, 24];
  const to = Math.max(1, durationMs / 1000);
  const interval = STEPS_S.find((step) => to / step <= (narrow ? 5 : 10)) ?? to / 5;
  const axis = { from: 0, to, interval };
  const panels = panelsOf(stages, traffic);
  return paint(
    {
      grid: panels.map((_, index) => ({
        left,
        right,
        top: TOP + TITLE + index * pitch,
        height: PANEL,
        outerBoundsMode: 'none' as const,
      })),
      xAxis: panels.map((_, index) => xAxis(axis, index, index === panels.length - 1)),
      yAxis: panels.map((panel, index) => yAxis(index, ceiling(panel), panel.format)),
      series: panels.flatMap((panel, index) =>
        panel.lines.map(({ color, width: lineWidth, points }) => ({
          type: 'line' as const,
          xAxisIndex: index,
          yAxisIndex: index,
          silent: true,
          symbol: 'none',
          connectNulls: false,
          data: points.map((point) => [...point]),
          lineStyle: { color, width: lineWidth },
        })),
      ),
      title: panels.flatMap((panel, index) =>
        panelTitle(
          { name: panel.name, note: panel.note, color: panel.bad ? INK.bad : INK.muted },
          TOP + index * pitch,
          { width, narrow },
        ),
      ),
    },
    { width, height: TOP + panels.length * pitch + 26 },
    `${id}${narrow ? 'n' : 'w'}`,
  );
}

function panelsOf(
  stages: readonly LoadStage[],
  { windows, windowMs, total }: TrafficSummary,
): readonly Panel[] {
  const rate = stages[0]?.counts === 'rate';
  const points = (of: (window: TrafficWindow) => number | null) =>
    windows.flatMap((window, index) => {
      const before = windows[index - 1];
      const paused = before && window.at - before.at > PAUSE_WINDOWS * windowMs;
      const point = [window.at / 1000, of(window)] as const;
      return paused ? [[before.at / 1000, null] as const, point] : [point];
    });
  const perSecond = (count: number) => (count * 1000) / windowMs;
  return [
    {
      name: rate ? 'Asked for a second' : 'Users',
      note: '',
      bad: false,
      lines: [{ color: INK.muted, width: 1.6, points: points(({ level }) => level) }],
      format: plain,
    },
    {
      name: 'Right answers a second',
      note: `${plain(total.throughput)} on the whole`,
      bad: false,
      lines: [
        {
          color: INK.good,
          width: 1.6,
          points: points(({ requests, failed }) => perSecond(requests - failed)),
        },
      ],
      format: plain,
    },
    {
      name: 'Latency',
      note: 'p50 thin, p95 thick',
      bad: false,
      lines: [
        { color: INK.latency, width: 1, points: points(({ p50 }) => p50) },
        { color: INK.latency, width: 1.9, points: points(({ p95 }) => p95) },
      ],
      format: (value) => (value === 0 ? '0' : formatDuration(value)),
    },
    {
      name: 'Failed a second',
      note: total.failed > 0 ? `${total.failed} of ${total.requests} requests failed` : 'none failed',
      bad: total.failed > 0,
      lines: [{ color: INK.bad, width: 1.6, points: points(({ failed }) => perSecond(failed)) }],
      format: plain,
    },
  ];
}

function ceiling({ lines }: Panel): number {
  const highest = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0)));
  return roundUp(highest * 1.08);
}

function plain(value: number): string {
  return Number(value.toFixed(1)).toString();
}

import type { Summary } from '../summary.ts';
import { INK } from './paint.ts';

export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  readonly interval: number;
}

/** One time axis for all pictures of a run: whole ticks, 0 at the first fault. */
export function timeAxis({ run }: Summary, narrow: boolean): TimeAxis {
  const span = Math.max(1, run.to - run.from);
  const most = narrow ? 5 : 10;
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const interval = steps.find((step) => span / step <= most) ?? Math.ceil(span / most);
  return { from: run.from, to: Math.max(run.to, run.from + 1), interval };
}

/** `0`, `+20 s`, `−10 s`, `+2 min`. */
export function tickText(s: number): string {
  if (s === 0) return '0';
  const sign = s < 0 ? '−' : '+';
  const amount = Math.abs(s);
  if (amount < 120) return `${sign}${amount} s`;
  const rest = amount % 60;
  const minutes = Math.floor(amount / 60);
  return rest === 0 ? `${sign}${minutes} min` : `${sign}${minutes}:${String(rest).padStart(2, '0')}`;
}

/** Ticks at multiples of the interval, so that 0 is one of them; the axis itself begins and ends where the run does. */
function ticksOf({ from, to, interval }: TimeAxis): readonly number[] {
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / interval) * interval; tick <= to; tick += interval) ticks.push(tick + 0);
  return ticks;
}

export function xAxis(axis: TimeAxis, gridIndex: number, labelled: boolean) {
  const ticks = [...ticksOf(axis)];
  return {
    type: 'value' as const,
    gridIndex,
    min: axis.from,
    max: axis.to,
    axisLine: { show: true, onZero: false, lineStyle: { color: INK.line } },
    axisTick: { show: labelled, customValues: ticks, lineStyle: { color: INK.line } },
    axisLabel: {
      show: labelled,
      customValues: ticks,
      color: INK.muted,
      fontSize: 12,
      hideOverlap: true,
      formatter: (value: number) => tickText(value),
    },
    splitLine: { show: false },
  };
}

/** The axis of a panel: from 0 to its highest figure, with ticks at both ends and half-way. */
export function yAxis(gridIndex: number, max: number, formatter: (value: number) => string) {
  return {
    type: 'value' as const,
    gridIndex,
    min: 0,
    max,
    interval: max / 2,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { customValues: [0, max / 2, max], formatter, color: INK.muted, fontSize: 12 },
    splitLine: { show: true, lineStyle: { color: INK.line, opacity: 0.6 } },
  };
}

/** Moments that every picture marks. */
export function moments({ times, rollback, cascade }: Summary): {
  readonly fault: number | null;
  readonly breach: number | null;
  readonly emptied: number | null;
} {
  return {
    fault: cascade.faulted.length > 0 ? 0 : null,
    breach: times.detectMs === null ? null : times.detectMs / 1000,
    emptied: rollback?.emptiedS ?? null,
  };
}

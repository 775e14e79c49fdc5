import { formatMeasure } from '../../core/expectation.ts';
import type { TrafficFigures } from '../../core/journal.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import type { JudgedThreshold } from '../../load/thresholds.ts';
import { number, UNKNOWN } from '../format.ts';
import type { ToldCell } from '../told/told.ts';

/** Columns of what traffic came to, after those that name its parts. */
export const FIGURE_COLUMNS = [
  { name: 'Requests', kind: 'num' },
  { name: 'Right a second', kind: 'num' },
  { name: 'Failed', kind: 'num' },
  { name: 'p50', kind: 'num' },
  { name: 'p95', kind: 'num' },
  { name: 'p99', kind: 'num' },
] as const;

/** The cells of `FIGURE_COLUMNS`. */
export function figureCells({ requests, throughput, errorRate, p50, p95, p99 }: TrafficFigures): string[] {
  return [
    number(requests),
    formatMeasure('throughput', throughput),
    shareOf(errorRate),
    msOf(p50),
    msOf(p95),
    msOf(p99),
  ];
}

export const THRESHOLD_COLUMNS = [
  { name: 'Threshold', kind: 'half' },
  { name: 'Measured', kind: 'num' },
  { name: 'Outcome' },
] as const;

/** The cells of `THRESHOLD_COLUMNS`. */
export function thresholdCells({ text, shown, met, why }: JudgedThreshold): ToldCell[] {
  return [text, shown, outcome(met, why)];
}

function outcome(met: boolean | null, why: string | undefined): ToldCell {
  if (met === null) return { text: `not assessed: ${why}`, tone: 'muted' };
  return met ? { text: 'met', tone: 'good' } : { text: 'missed', tone: 'bad' };
}

export function msOf(value: number | null): string {
  return value === null ? UNKNOWN : formatDuration(value);
}

export function shareOf(value: number | null): string {
  return value === null ? UNKNOWN : formatShare(value);
}

import { stringify } from 'csv-stringify/sync';
import type { TrafficFigures } from '../../core/journal.ts';
import type { LoadResult } from './contract.ts';

/** A name that begins like a formula would be one to the program that opens the table. */
const OPTIONS = { header: true, escape_formulas: true } as const;

/** One line a window. */
export function windowsCsv({ summary }: Pick<LoadResult, 'summary'>): string {
  const { windows, windowMs } = summary.traffic;
  return stringify(
    windows.map(({ at, level, requests, failed, p50, p95, p99, max }) => ({
      at_s: at / 1000,
      window_s: windowMs / 1000,
      level,
      requests,
      failed,
      p50_ms: p50,
      p95_ms: p95,
      p99_ms: p99,
      max_ms: max,
    })),
    OPTIONS,
  );
}

/** One line for the whole, for each scenario and for each stage. */
export function figuresCsv({ summary }: Pick<LoadResult, 'summary'>): string {
  const { total, scenarios, stages } = summary.traffic;
  const rows = (of: string, figures: Readonly<Record<string, TrafficFigures>>) =>
    Object.entries(figures).map(([name, one]) => ({
      of,
      name,
      requests: one.requests,
      failed: one.failed,
      error_rate: one.errorRate,
      throughput_per_s: one.throughput,
      p50_ms: one.p50,
      p95_ms: one.p95,
      p99_ms: one.p99,
      max_ms: one.max,
    }));
  return stringify(
    [...rows('total', { all: total }), ...rows('scenario', scenarios), ...rows('stage', stages)],
    OPTIONS,
  );
}

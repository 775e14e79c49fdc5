import type { Assessed } from './assess.ts';
import type { ResourceSample, Role } from './roles.ts';

/** A role's values over time, those samples left out that have none. */
export function seriesOf(
  samples: readonly ResourceSample[],
  role: Role,
): readonly { readonly at: number; readonly value: number }[] {
  return samples.flatMap(({ at, values }) => {
    const value = values[role];
    return value === undefined ? [] : [{ at, value }];
  });
}

/** How fast a counter rose between samples, a second; a fall is a restart and left out. */
export function ratesOf(
  samples: readonly ResourceSample[],
  role: Role,
): readonly { readonly from: number; readonly to: number; readonly value: number }[] {
  const series = seriesOf(samples, role);
  return series.slice(1).flatMap(({ at, value }, index) => {
    const before = series[index]!;
    if (at <= before.at || value < before.value) return [];
    return [{ from: before.at, to: at, value: ((value - before.value) * 1000) / (at - before.at) }];
  });
}

/** By how much a counter rose, restarts left out; undefined for fewer than two samples. */
export function riseOf(samples: readonly ResourceSample[], role: Role): number | undefined {
  const series = seriesOf(samples, role);
  if (series.length < 2) return undefined;
  return series
    .slice(1)
    .reduce((sum, { value }, index) => sum + Math.max(0, value - series[index]!.value), 0);
}

/** Mean of the highest quarter: a moment is not held against a resource, and a quiet half does not hide the busy one. */
export function busy(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => right - left);
  const top = sorted.slice(0, Math.max(1, Math.ceil(sorted.length / 4)));
  return top.reduce((sum, value) => sum + value, 0) / top.length;
}

export function notAssessed(resource: Assessed['resource'], evidence: string): Assessed {
  return { resource, state: 'not assessed', evidence, pressure: 0 };
}

/** @param at where it counts as a bottleneck @param near where it is worth a warning */
export function stateOf(value: number, at: number, near: number): Assessed['state'] {
  if (value > at) return 'bottleneck';
  return value > near ? 'near' : 'fine';
}

import type { Bench, Figure, Front, OpenOptions, Way } from './contract.ts';

/** Opens each way in front of `upstream`; those whose program is absent are left out. */
export async function openAll(
  ways: readonly Way[],
  upstream: number,
  options: OpenOptions = {},
): Promise<readonly Front[]> {
  const fronts: Front[] = [];
  try {
    for (const way of ways) {
      const front = await way.open(upstream, options);
      if (front) fronts.push(front);
    }
    return fronts;
  } catch (error) {
    await closeAll(fronts);
    throw error;
  }
}

export async function closeAll(fronts: readonly Front[]): Promise<void> {
  for (const front of fronts) await front.close();
}

/** What one measurement answers: a number for each figure. */
export type Numbers = Readonly<Record<string, number>>;

/**
 * Measures each way in turn, round by round, so that what slows the machine down for a while slows all of them; each round
 * begins with another way. A first round only warms up: what is compiled as it runs needs some thousands of requests until it is at its best.
 */
export async function interleave(
  bench: Bench,
  fronts: readonly Front[],
  units: Readonly<Record<string, string>>,
  measure: (front: Front, seconds: number) => Promise<Numbers>,
): Promise<readonly Figure[]> {
  const measured = new Map(fronts.map(({ way }) => [way, [] as Numbers[]]));
  for (const front of fronts) await measure(front, bench.seconds);
  for (let round = 0; round < bench.rounds; round++) {
    for (let turn = 0; turn < fronts.length; turn++) {
      const front = fronts[(turn + round) % fronts.length]!;
      measured.get(front.way)!.push(await measure(front, bench.seconds));
    }
  }
  return Object.entries(units).map(([name, unit]) => ({
    name,
    unit,
    values: new Map(
      [...measured].map(([way, numbers]) => [way, median(numbers.map((figures) => figures[name]!))]),
    ),
  }));
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that at least a share `q` of them does not exceed; for an even number and `q` 0.5, the middle of two. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  if (q === 0.5 && Number.isInteger(middle) && middle > 0) return (sorted[middle - 1]! + sorted[middle]!) / 2;
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

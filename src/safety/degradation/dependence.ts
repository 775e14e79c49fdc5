/**
 * What happens to a system within half a second happens once: a pause, a lost connection or a restart makes several
 * samples bad that do not speak independently.
 */
const ONE_EVENT_MS = 500;

/**
 * How many consecutive samples count as one independent look: those of half a second, or more where the baseline's latencies
 * go up and down together: (1 + ρ)/(1 − ρ) for a rank correlation ρ of neighbours, as for a first-order autoregression.
 * A correlation within the noise of so few samples counts as none.
 */
export function looksOf(latencies: readonly number[], everyMs: number): number {
  const near = Math.ceil(ONE_EVENT_MS / everyMs);
  const correlation = neighbourCorrelation(latencies);
  if (!(correlation > 2 / Math.sqrt(latencies.length))) return near;
  const capped = Math.min(correlation, 0.99);
  return Math.max(near, Math.ceil((1 + capped) / (1 - capped)));
}

/** Spearman's correlation of each value with the next. NaN where all are alike. */
function neighbourCorrelation(values: readonly number[]): number {
  const ranks = ranksOf(values);
  const mean = (values.length - 1) / 2;
  let variance = 0;
  let covariance = 0;
  for (const [index, rank] of ranks.entries()) {
    variance += (rank - mean) ** 2;
    if (index > 0) covariance += (rank - mean) * (ranks[index - 1]! - mean);
  }
  return covariance / variance;
}

/** From 0; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).sort((left, right) => values[left]! - values[right]!);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let at = from; at <= to; at++) ranks[order[at]!] = (from + to) / 2;
    from = to + 1;
  }
  return ranks;
}

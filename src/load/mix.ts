/** As many slots as a mix is rounded to where its weights are no small whole numbers. */
const SLOTS = 100;

/**
 * Indexes of `weights` in a sequence that holds each by its weight, spread evenly: 3 to 1 is 0 0 1 0. By the smooth
 * weighted round robin: each turn every one gains its weight, and the richest pays for all.
 */
export function mixOf(weights: readonly number[]): readonly number[] {
  const shares = whole(weights);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const credit = shares.map(() => 0);
  return Array.from({ length: total }, () => {
    for (const [index, share] of shares.entries()) credit[index]! += share;
    const richest = credit.indexOf(Math.max(...credit));
    credit[richest]! -= total;
    return richest;
  });
}

/** The same proportions in whole numbers; none is rounded away. */
function whole(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return weights.map(() => 1);
  const divisor = weights.reduce((left, right) => common(left, right));
  if (Number.isInteger(divisor) && divisor > 0 && total / divisor <= SLOTS) {
    return weights.map((weight) => weight / divisor);
  }
  return weights.map((weight) => (weight > 0 ? Math.max(1, Math.round((weight / total) * SLOTS)) : 0));
}

function common(left: number, right: number): number {
  if (!Number.isInteger(left) || !Number.isInteger(right)) return Number.NaN;
  return right === 0 ? left : common(right, left % right);
}

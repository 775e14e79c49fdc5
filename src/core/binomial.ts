/**
 * P(X ≤ `failures`) for X binomial over `trials` at `rate`, as the regularised incomplete beta function
 * I₁₋ₚ(n − x, x + 1) (DLMF 8.17.5). By it, neither count need be whole: samples that depend on each other count as fewer.
 */
export function binomialCdf(failures: number, trials: number, rate: number): number {
  if (failures >= trials || rate <= 0) return 1;
  if (rate >= 1) return 0;
  return regularisedBeta(1 - rate, trials - failures, failures + 1);
}

/**
 * The highest rate at which so few failures still have probability `alpha`: the one-sided upper bound of Clopper and
 * Pearson (1934), at a confidence of 1 − `alpha`, and no lower than the observed rate. By Newton's method on the logarithm,
 * which is concave in the rate: each step ends above the bound, so that it is approached from the safe side.
 */
export function rateAtMost(failures: number, trials: number, alpha: number): number {
  if (failures >= trials) return 1;
  const [a, b] = [trials - failures, failures + 1];
  const scale = lnBeta(a, b);
  let low = failures / trials;
  let high = 1;
  let rate = low;
  for (let step = 0; step < 100; step++) {
    const tail = regularisedBeta(1 - rate, a, b, scale);
    if (tail > alpha) low = rate;
    else high = rate;
    const density = Math.exp((a - 1) * Math.log1p(-rate) + (b - 1) * ln(rate) - scale);
    const excess = Math.log(tail / alpha);
    if ((excess <= 0 && excess > -1e-7) || high - low < 1e-12) break;
    const next = rate + (excess * tail) / density;
    // A step out of the bracket, or one from where the tail is next to nothing, is halved instead.
    rate = next > low && next < high && excess > -20 ? next : (low + high) / 2;
  }
  return high;
}

/** The lowest rate at which so many failures still have probability `alpha`. */
export function rateAtLeast(failures: number, trials: number, alpha: number): number {
  return 1 - rateAtMost(trials - failures, trials, alpha);
}

/** I_x(a, b), by the continued fraction of DLMF 8.17.22, which converges fast below the mean; above it, by symmetry. */
function regularisedBeta(x: number, a: number, b: number, scale = lnBeta(a, b)): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a, scale);
  const front = a * Math.log(x) + b * Math.log1p(-x) - scale;
  return (Math.exp(front) / a) * betaFraction(x, a, b);
}

/** Where it is multiplied by 0 for 0, the product is 0. */
function ln(value: number): number {
  return value === 0 ? 0 : Math.log(value);
}

function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

const TINY = 1e-300;

/** 1 / (1 + d₁ / (1 + d₂ / …)), evaluated forwards (Lentz's method as modified by Thompson and Barnett). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 0;
  let fraction = 1;
  for (let n = 1; n < 1000; n++) {
    const m = Math.floor(n / 2);
    const term =
      n % 2 === 0
        ? (m * (b - m) * x) / ((a + n - 1) * (a + n))
        : (-(a + m) * (a + b + m) * x) / ((a + n - 1) * (a + n));
    d = 1 / apart(1 + term * d);
    c = apart(1 + term / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-12) break;
  }
  return 1 / fraction;
}

function apart(value: number): number {
  return value < TINY && value > -TINY ? TINY : value;
}

/** ln Γ(z) for z > 0, by Stirling's series (DLMF 5.11.1) after shifting z up to where it is exact to twelve digits. */
function lnGamma(z: number): number {
  let shifted = z;
  let product = 1;
  while (shifted < 12) product *= shifted++;
  const inverse = 1 / (shifted * shifted);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / shifted;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - Math.log(product)
  );
}

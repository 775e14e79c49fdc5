export interface Forecast {
  readonly value: number;
  /** Standard deviation of the forecast's error. */
  readonly deviation: number;
}

/** Values needed before the trend and the error of the forecasts say anything. */
const ENOUGH = 6;

/**
 * Holt's linear trend: a level and a slope, each smoothed exponentially, and the error that the one-step forecasts
 * made so far. The variance of a forecast grows with its horizon as Hyndman and others give it for this method.
 */
export class Holt {
  readonly #alpha: number;
  readonly #beta: number;
  #level = 0;
  #slope = 0;
  #squares = 0;
  #count = 0;

  constructor(alpha = 0.5, beta = 0.2) {
    this.#alpha = alpha;
    this.#beta = beta;
  }

  observe(value: number): void {
    if (this.#count === 0) {
      this.#level = value;
    } else if (this.#count === 1) {
      // The usual start of this method: the first two values are the first line.
      this.#slope = value - this.#level;
      this.#level = value;
    } else {
      const error = value - (this.#level + this.#slope);
      this.#squares += error * error;
      this.#level += this.#slope + this.#alpha * error;
      this.#slope += this.#alpha * this.#beta * error;
    }
    this.#count++;
  }

  /** The value `steps` observations ahead, or nothing as long as too few were seen. */
  forecast(steps: number): Forecast | undefined {
    if (this.#count < ENOUGH) return undefined;
    const variance = this.#squares / (this.#count - 2);
    let growth = 1;
    for (let step = 1; step < steps; step++) growth += (this.#alpha * (1 + this.#beta * step)) ** 2;
    return { value: this.#level + steps * this.#slope, deviation: Math.sqrt(variance * growth) };
  }
}

/** How likely a normally distributed value is above a bound. */
export function chanceAbove(bound: number, { value, deviation }: Forecast): number {
  if (deviation === 0) return value > bound ? 1 : 0;
  return normal((value - bound) / deviation);
}

/** The standard normal distribution function, to 1e-7 (Abramowitz and Stegun 26.2.17). */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x > 0 ? 1 - tail : tail;
}

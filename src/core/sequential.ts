import { rateAtMost } from './binomial.ts';

/** What a sequential test knows and promises before its first sample. */
export interface SequentialOptions {
  /** Bad samples of the baseline, or those above the order statistic that was chosen from it as a threshold. */
  readonly bad: number;
  readonly samples: number;
  /** The highest rate of bad samples that is not an alarm while the baseline's true rate is `rate`; rises with it. */
  readonly tolerated: (rate: number) => number;
  /** Samples nearer to each other than so many may depend on each other. At least 1. */
  readonly looks: number;
  /** Samples over which a change may begin; one that begins later is found later. */
  readonly horizon: number;
  /** Bound on the chance of an alarm, ever, while the rate of bad samples is tolerated. */
  readonly falseAlarm: number;
}

/** A test made ready. Immutable; one may serve many streams. */
export interface SequentialDesign extends Pick<SequentialOptions, 'looks' | 'horizon'> {
  /** Evidence at which the alarm comes. */
  readonly threshold: number;
  /** Stretches of what the baseline's true rate may be: evidence of the baseline alone against its lying there, at least. */
  readonly cells: Float64Array;
  /** By which a bad and a good sample change the evidence: for each cell, one factor for each suspected rate. */
  readonly bad: Float64Array;
  readonly good: Float64Array;
}

/** Where between what is tolerated and 1 a suspected rate lies, each with the same weight. */
const SUSPECTED = [0.04, 0.12, 0.3, 0.6, 0.9];
/** Steps of −ln(p-value) by which the baseline's true rate is cut into cells. */
const FIRST_STEP = 0.5;
const GROWTH = 1.05;
/** Beyond any threshold. Evidence is kept below it so that it can fall again soon. */
const LARGEST = 1e30;

/**
 * A test that may be looked at after every sample: while the rate of bad samples is at most what is tolerated, whatever it
 * does below that, the chance that its evidence *ever* reaches the threshold is at most `falseAlarm`.
 *
 * Evidence is an e-process: its expectation is at most 1 while nothing is wrong, so by Ville's inequality it ever exceeds
 * 1/α with probability at most α (Ramdas, Grünwald, Vovk, Shafer 2023, "Game-theoretic statistics and safe anytime-valid inference").
 *
 * - **One sample** x, 1 if bad, against a tolerated rate q and a suspected one θ > q: (θ/q)ˣ · ((1−θ)/(1−q))¹⁻ˣ. That is
 *   1 + λ(x − q) with λ > 0, a bet whose expectation is at most 1 for *every* rate up to q, one that moves included
 *   (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting").
 * - **When it began** is unknown: bets start at every sample, mixed with half of the weight on the first and the rest
 *   spread evenly over the horizon H. Rₜ = (Rₜ₋₁ + wₜ)·bet is the Shiryaev–Roberts recursion as an e-detector has it (Shin,
 *   Ramdas, Rinaldo 2024), with weights that sum to 1, so that not the rate of alarms but the chance of any is bounded. It
 *   costs ln 2H of evidence, and what was healthy before costs nothing.
 * - **The baseline's true rate** p is unknown. u(p) = P(Bin(n, p) ≤ bad) is a p-variable (Clopper and Pearson); so it is where
 *   the threshold is an order statistic of the baseline, whose true exceedance is Beta(bad + 1, n − bad). The calibrator
 *   (1 − u + u ln u)/(u ln² u) makes evidence of it (Vovk and Wang 2021, "E-values: calibration, combination and applications").
 *   The evidence is the infimum over p of that times the mixture against the rate tolerated at p, and so holds for the
 *   true p, whatever it is. The infimum is taken over cells, each at its worst ends.
 * - **Samples that depend on each other** within g looks: each bet is raised to 1/g and the baseline counts as n/g samples.
 *   By Hölder's inequality the bets are then worth at most the largest of g bets that each see every g-th sample: the threshold
 *   is g/α. For the baseline it is the usual correction by a design effect, an approximation.
 */
export function designTest(options: SequentialOptions): SequentialDesign {
  const { bad, samples, tolerated, looks, horizon, falseAlarm } = options;
  const threshold = looks / falseAlarm;
  const cells: number[] = [];
  const suspects: Suspect[] = [];
  let from = 0;
  for (let step = FIRST_STEP; evidenceOf(from) < threshold; step *= GROWTH) {
    const to = from + step;
    const rate = rateAtMost(bad / looks, samples / looks, Math.exp(-to));
    cells.push(evidenceOf(from));
    suspects.push(...suspectsOf(Math.min(1, tolerated(rate)), looks));
    from = to;
  }
  return {
    looks,
    horizon,
    threshold,
    cells: Float64Array.from(cells),
    bad: Float64Array.from(suspects, (suspect) => suspect.bad),
    good: Float64Array.from(suspects, (suspect) => suspect.good),
  };
}

/** Whether a stream of nothing but bad samples would ever be an alarm within so many independent looks. */
export function canAlarm(design: SequentialDesign, within: number): boolean {
  const evidence = new Evidence(design);
  for (let sample = 0; sample < within * design.looks; sample++) {
    if (evidence.add(true) >= design.threshold) return true;
  }
  return false;
}

/** The evidence that one stream of samples has given against "nothing is wrong". */
export class Evidence {
  readonly #design: SequentialDesign;
  /** The bets that have begun: for each cell, one for each suspected rate. */
  readonly #begun: Float64Array;
  readonly #weight: number;
  #unbegun = 1;
  /** 1 says nothing; at the design's threshold it is an alarm. */
  value = 1;
  samples = 0;

  constructor(design: SequentialDesign) {
    this.#design = design;
    this.#begun = new Float64Array(design.bad.length);
    this.#weight = 0.5 / Math.max(1, design.horizon);
  }

  /** Takes one more sample; answers the evidence so far. */
  add(bad: boolean): number {
    const begins = Math.min(this.#unbegun, this.#weight + (this.samples === 0 ? 0.5 : 0));
    this.#unbegun -= begins;
    this.samples += 1;
    const { cells } = this.#design;
    const factors = bad ? this.#design.bad : this.#design.good;
    const begun = this.#begun;
    let least = Number.POSITIVE_INFINITY;
    let index = 0;
    for (let cell = 0; cell < cells.length; cell++) {
      let sum = 0;
      for (const end = index + SUSPECTED.length; index < end; index++) {
        const value = Math.min(LARGEST, (begun[index]! + begins) * factors[index]!);
        begun[index] = value;
        sum += value;
      }
      const evidence = cells[cell]! * (this.#unbegun + sum / SUSPECTED.length);
      if (evidence < least) least = evidence;
    }
    this.value = least;
    return least;
  }
}

/** Factors of one suspected rate. */
interface Suspect {
  readonly bad: number;
  readonly good: number;
}

function suspectsOf(tolerated: number, looks: number): readonly Suspect[] {
  return SUSPECTED.map((share) => {
    if (tolerated >= 1) return { bad: 1, good: 1 };
    const rate = tolerated + (1 - tolerated) * share;
    return { bad: (rate / tolerated) ** (1 / looks), good: ((1 - rate) / (1 - tolerated)) ** (1 / looks) };
  });
}

/** The calibrator at the p-value e^−`surprise`; 1/2 at 1. */
function evidenceOf(surprise: number): number {
  if (surprise < 1e-4) return 0.5;
  const p = Math.exp(-surprise);
  return (1 - p - p * surprise) / (p * surprise * surprise);
}

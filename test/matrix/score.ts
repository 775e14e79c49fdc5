import type { Outcome } from './case.ts';
import type { Consequence, Weakness } from './weaknesses.ts';

/** How the lessons of one run answer to what was known before it. */
export interface Score {
  /** Expected, and stated. */
  readonly stated: readonly string[];
  /** Expected, and not stated. */
  readonly missed: readonly string[];
  /** Stated without being expected or allowed; a good one where the opposite was expected. */
  readonly wrong: readonly string[];
  /** Stated and true, though not what the experiment is about. */
  readonly allowed: readonly string[];
}

/** @param everywhere what may be stated of any run, whatever the weakness */
export function score(
  { expected, alsoAllowed, contradicted }: Weakness,
  lessons: Outcome['lessons'],
  everywhere: readonly Consequence[],
): Score {
  const bad = new Set(lessons.filter(({ severity }) => severity !== 'good').map(({ id }) => id));
  const good = lessons.filter(({ severity }) => severity === 'good').map(({ id }) => id);
  const permitted = new Set([...alsoAllowed, ...everywhere].map(({ id }) => id));
  const others = [...bad].filter((id) => !expected.includes(id));
  return {
    stated: expected.filter((id) => bad.has(id)),
    missed: expected.filter((id) => !bad.has(id)),
    wrong: [
      ...others.filter((id) => !permitted.has(id)),
      ...good.filter((id) => [...expected, ...contradicted].includes(id)).map((id) => `${id} (good)`),
    ],
    allowed: others.filter((id) => permitted.has(id)),
  };
}

export interface Totals {
  readonly stated: number;
  readonly missed: number;
  readonly wrong: number;
  /** Of what was expected, the share that was stated; NaN where nothing was. */
  readonly recall: number;
  /** Of what was stated, the share that is true; what is allowed counts as neither. */
  readonly precision: number;
}

export function total(scores: readonly Score[]): Totals {
  const sum = (of: (one: Score) => readonly string[]) => scores.reduce((all, one) => all + of(one).length, 0);
  const [stated, missed, wrong] = [
    sum((one) => one.stated),
    sum((one) => one.missed),
    sum((one) => one.wrong),
  ];
  return {
    stated,
    missed,
    wrong,
    recall: stated / (stated + missed),
    precision: stated / (stated + wrong),
  };
}

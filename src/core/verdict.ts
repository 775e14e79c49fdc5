export const VERDICTS = ['held', 'deviated', 'aborted', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Exit codes of `faultline run`. */
export const EXIT = {
  held: 0,
  deviated: 1,
  invalid: 2,
  aborted: 3,
  rollbackNotProven: 4,
  inconclusive: 5,
  refused: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

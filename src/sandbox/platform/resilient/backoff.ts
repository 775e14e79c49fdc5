const FIRST = 500;
const LONGEST = 30_000;

/** Attempts of one call, the first included. */
export const ATTEMPTS = 4;

/** The wait in ms before retry 1, 2, 3…: it doubles from 500 ms up to 30 s. */
export function backoff(retry: number): number {
  return Math.min(LONGEST, FIRST * 2 ** (retry - 1));
}

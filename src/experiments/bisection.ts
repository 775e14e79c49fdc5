import type { SearchTry } from '../core/plan.ts';

type Span = Pick<SearchTry, 'from' | 'to' | 'within'>;

export interface Tried {
  readonly value: number;
  readonly good: boolean;
}

/**
 * Bisection on a scale of ratios, which assumes that what a value breaks, every harsher one breaks too. The mildest value is
 * tried first and the harshest last, and only where all between them held.
 */

/** Tries that a search takes at most: both ends, and the halvings of the ratio between them. */
export function mostTries({ from, to, within }: Span): number {
  return 2 + Math.max(0, Math.ceil(Math.log2(Math.abs(Math.log(to / from)) / Math.log1p(within)) - 1e-9));
}

/** The last value that held and the first that did not. */
export function bracketOf(tried: readonly Tried[]): {
  readonly lastGood: number | undefined;
  readonly firstBad: number | undefined;
} {
  return {
    lastGood: tried.findLast(({ good }) => good)?.value,
    firstBad: tried.findLast(({ good }) => !good)?.value,
  };
}

/**
 * The value to try next; undefined where the search has its answer.
 * @param admit the nearest value that the fault takes
 */
export function nextValue(
  span: Span,
  tried: readonly Tried[],
  admit: (value: number) => number = (value) => value,
): number | undefined {
  const { from, to, within } = span;
  if (tried.length === 0) return from;
  const { lastGood, firstBad } = bracketOf(tried);
  if (lastGood === undefined || lastGood === to) return undefined;
  const far = firstBad ?? to;
  const middle = admit(Math.sqrt(lastGood * far));
  const near = Math.abs(Math.log(far / lastGood)) <= Math.log1p(within) + 1e-9;
  const last = firstBad === undefined && tried.length === mostTries(span) - 1;
  if (!near && !last && middle !== lastGood && middle !== far) return middle;
  return firstBad === undefined ? to : undefined;
}

import type { NotAssessed } from '../contract.ts';
import { behaviourOf } from './behaviour.ts';
import type { RunView } from './view.ts';

/** Failed answers of one step that said when to come back. */
export interface Hints {
  readonly proxy: string;
  readonly step: string;
  readonly told: number;
  /** Calls that came again, and those of them that came too early. */
  readonly back: number;
  readonly early: number;
}

const LEAST_BACK = 5;

export const NO_HINTS: NotAssessed = {
  notAssessed:
    'too few calls came again after an answer that said when: add a step with a rate limit that says retry after 1s on an HTTP or AI dependency, for at least 15 s',
};

/** Steps in which enough calls came again to tell. */
export function hintsOf(view: RunView): readonly Hints[] {
  return behaviourOf(view).flatMap(({ proxy, stepName, retryAfter: { told, kept, early } }) =>
    kept + early >= LEAST_BACK ? [{ proxy, step: stepName, told, back: kept + early, early }] : [],
  );
}

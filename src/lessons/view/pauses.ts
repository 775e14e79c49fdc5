import type { NotAssessed } from '../contract.ts';
import { behaviourOf, type StepBehaviour } from './behaviour.ts';
import type { RunView } from './view.ts';

/** Pauses that clients chose themselves in a step. */
export interface Pauses {
  readonly proxy: string;
  readonly step: string;
  readonly pauses: StepBehaviour['backoff'];
  readonly longestChain: number;
}

export const NO_PAUSES: NotAssessed = {
  notAssessed:
    'too few failed calls came again by their clients’ own choice of when: add a step of at least 20 s in which a dependency answers errors that name no time (500, 503), under load',
};

/** Where answers say when to come back, the pause is not the client's own; such steps are left out. */
export function ownPauses(view: RunView): readonly Pauses[] {
  return behaviourOf(view).flatMap(({ proxy, stepName, backoff, longestChain, failed, retryAfter }) =>
    retryAfter.told >= failed * 0.2 && retryAfter.told > 0
      ? []
      : [{ proxy, step: stepName, pauses: backoff, longestChain }],
  );
}

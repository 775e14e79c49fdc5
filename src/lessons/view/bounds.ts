import type { BoundName } from '../../core/limits.ts';
import { BOUND_WORDS, RunBounds } from '../../safety/bounds/index.ts';
import { ofType } from './clock.ts';
import type { RunView } from './view.ts';

/** How near a run came to a limit on what the data plane observed. */
export interface BoundApproach {
  readonly limit: BoundName;
  readonly worst: number;
  readonly bound: number;
  readonly breached: boolean;
  /** How much of the way to the limit was gone, 0 to 1. */
  readonly used: number;
  readonly sentence: string;
}

/** Worked out anew from the observations, as the run did while it lasted; nothing where the journal has no limits. */
export function boundApproaches(view: RunView): readonly BoundApproach[] {
  const { plan, limits, boundBreach, faulted } = view;
  const first = ofType(view.events, 'step-intended')[0];
  if (!plan || !limits || !first || !faulted) return [];
  const bounds = new RunBounds({ plan, limits, seen: first.epoch - 1 });
  for (const { at, observation } of ofType(view.events, 'observation'))
    if (at <= faulted.to) bounds.observed(observation);
  return bounds.worst.map(({ limit, value, bound, text }) => {
    const breached = boundBreach?.limit === limit;
    const shown = Number(value.toFixed(2));
    return {
      limit,
      worst: shown,
      bound,
      breached,
      used: breached ? 1 : Math.min(1, bound > 0 ? value / bound : 0),
      sentence: `${BOUND_WORDS[limit]} came to ${shown} of ${bound}: ${text}`,
    };
  });
}

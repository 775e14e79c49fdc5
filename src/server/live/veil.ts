import type { LiveRun } from './state.ts';

/** What stands in the place of the id of a run that is hidden: the id tells the experiment. */
const HIDDEN_RUN = 'blind';

/** A run of a blind item as observers may see it: how the system fares, and nothing of what is done to it. */
export function veiled(live: LiveRun): LiveRun {
  return {
    ...live,
    id: HIDDEN_RUN,
    experiment: '',
    title: 'A blind item of a game day',
    hypothesis: '',
    by: null,
    // How many there are and how long they last would tell it from others.
    steps: live.steps
      .slice(0, live.step + 1)
      .map((_, index) => ({ name: `step ${index + 1}`, durationMs: null, faults: [] })),
    phaseLength: null,
    faults: [],
    proxies: [],
    margins: live.margins.filter(({ probe }) => probe !== ''),
    refused: null,
    end: null,
    rollback: live.rollback && {
      ...live.rollback,
      reason: '',
      proof: live.rollback.proof && { ...live.rollback.proof, reason: null, notUndone: [] },
    },
  };
}

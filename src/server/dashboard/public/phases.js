const PHASES = {
  checks: 'checks before the run',
  baseline: 'measuring the baseline, no fault yet',
  gate: 'waiting for the steady state, no fault in force',
  held: 'held before the next step, no fault in force',
  step: 'faults in force',
  rollback: 'taking everything back',
  recovery: 'every fault is taken back, measuring recovery',
  ended: 'over',
};

const VERDICTS = {
  held: { mark: '✓', tone: 'good' },
  deviated: { mark: '≠', tone: 'fault' },
  aborted: { mark: '✕', tone: 'bad' },
  refused: { mark: '–', tone: 'plain' },
};
const OTHER = { mark: '?', tone: 'plain' };

/** What happens now, without any figure that changes from moment to moment. */
export function tellPhase({ phase, step, steps, refused }) {
  if (refused) return `refused: ${refused}`;
  if (phase !== 'step') return PHASES[phase];
  return `faults in force, step ${step + 1} of ${steps.length}: ${steps[step]?.name ?? ''}`;
}

/** A verdict's sign and colour: neither is alone. */
export function markOf(verdict) {
  return VERDICTS[verdict] ?? OTHER;
}

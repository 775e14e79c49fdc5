import { loadSentence } from '../../experiments/explain/health.ts';
import { loadsOfRun } from '../../experiments/loads.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { LoadFacts } from '../summary.ts';

export function loadFacts({ events, plan }: RunView): readonly LoadFacts[] {
  return loadsOfRun(events).map(({ step, spec, seen, thresholds }) => ({
    step: step === undefined ? null : step + 1,
    stepName: step === undefined ? null : (plan?.steps[step]?.name ?? null),
    sentence: loadSentence(spec),
    stages: spec.traffic?.stages ?? [],
    seen: seen ? summaryOf(seen) : null,
    thresholds,
  }));
}

function summaryOf(event: NonNullable<LoadFacts['seen']>): LoadFacts['seen'] {
  const { requests, errors, timeouts, non2xx, p50, p99, traffic } = event;
  return { requests, errors, timeouts, non2xx, p50, p99, ...(traffic ? { traffic } : {}) };
}

import type { JournalEvent, JournalEventOf } from '../core/journal.ts';
import type { LoadSpec } from '../core/plan.ts';
import { type JudgedThreshold, judgeThresholds } from '../load/thresholds.ts';
import { eventsOf, firstOf } from './journal/index.ts';

/** A load of a run: that of the run itself, or a step's own. */
export interface PlayedLoad {
  /** The step whose own load it is, from 0; absent for that of the run. */
  readonly step?: number;
  readonly spec: LoadSpec;
  /** What it saw; absent where it did not say. */
  readonly seen?: JournalEventOf<'load'>;
  readonly thresholds: readonly JudgedThreshold[];
}

/** The loads that were planned, with what they saw and how that is judged. Those of steps that were not reached are left out. */
export function loadsOfRun(events: readonly JournalEvent[]): readonly PlayedLoad[] {
  const plan = firstOf(events, 'run-started')?.plan;
  const seen = eventsOf(events, 'load');
  const applied = new Set(eventsOf(events, 'step-applied').map(({ step }) => step));
  const steps = (plan?.steps ?? []).flatMap(({ load }, step) =>
    load && applied.has(step) ? [{ step, spec: load }] : [],
  );
  return [...(plan?.load ? [{ spec: plan.load }] : []), ...steps].map(
    (one: Pick<PlayedLoad, 'step' | 'spec'>) => {
      const last = seen.findLast(({ step }) => step === one.step);
      return { ...one, ...(last ? { seen: last } : {}), thresholds: judged(one.spec, last) };
    },
  );
}

function judged({ traffic }: LoadSpec, seen: JournalEventOf<'load'> | undefined): PlayedLoad['thresholds'] {
  if (!traffic || !seen?.traffic) return [];
  return judgeThresholds(traffic.thresholds, seen.traffic);
}

import type { JournalEvent } from '../core/journal.ts';
import { learn } from '../lessons/index.ts';
import { viewOf } from '../lessons/view/view.ts';
import { secondsOf } from './sections/base.ts';
import { cascadeOf } from './sections/cascade.ts';
import { hypothesisOf } from './sections/hypothesis.ts';
import { limitRows } from './sections/limits.ts';
import { rollbackOf } from './sections/rollback.ts';
import { environmentFacts, gateRows, loadFacts, runFacts } from './sections/run.ts';
import { safetyOf } from './sections/safety.ts';
import { probeSeries } from './sections/series.ts';
import { injectionRows, stepFacts } from './sections/steps.ts';
import { storyOf } from './sections/story.ts';
import { timelineOf } from './sections/timeline.ts';
import { timesOf } from './sections/times.ts';
import { trafficFacts } from './sections/traffic.ts';
import { verdictOf } from './sections/verdict.ts';
import type { Summary } from './summary.ts';

/**
 * Makes a summary of a journal, and of nothing else. A journal that is torn, unfinished, interrupted or refused gives a
 * shorter one that says so; only an empty one is no run at all.
 */
export function summarise(events: readonly JournalEvent[]): Summary {
  const view = viewOf(events);
  const s = secondsOf(view);
  const hypothesis = hypothesisOf(view, s);
  const cascade = cascadeOf(view, s);
  const times = timesOf(view);
  const rollback = rollbackOf(view, s);
  return {
    version: 1,
    run: runFacts(view, s),
    verdict: verdictOf(view, hypothesis, cascade, times),
    story: storyOf(view, cascade, times, rollback),
    times,
    hypothesis,
    steps: stepFacts(view, s),
    cascade,
    ...learn(view),
    probes: probeSeries(view, s),
    injection: injectionRows(view),
    traffic: trafficFacts(view, s),
    rollback,
    limits: limitRows(view),
    safety: safetyOf(view),
    load: loadFacts(view),
    gates: gateRows(view),
    timeline: timelineOf(view, s),
    environment: environmentFacts(view),
    experiment: view.plan?.source ?? { file: '', hash: '', text: '' },
  };
}

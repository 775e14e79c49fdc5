import type { JournalEvent } from '../core/journal.ts';
import { learn } from '../lessons/index.ts';
import { type RunView, viewOf } from '../lessons/view/view.ts';
import type { PastRun } from './findings.ts';
import { actionItems } from './sections/actions.ts';
import { availabilityOf } from './sections/availability.ts';
import { secondsOf } from './sections/base.ts';
import { breakingPoints } from './sections/breaking.ts';
import { cascadeOf } from './sections/cascade.ts';
import { clientRows } from './sections/clients.ts';
import { hypothesisOf } from './sections/hypothesis.ts';
import { impactOf } from './sections/impact.ts';
import { limitRows } from './sections/limits.ts';
import { loadFacts } from './sections/loads.ts';
import { rollbackOf } from './sections/rollback.ts';
import { environmentFacts, gateRows, runFacts } from './sections/run.ts';
import { safetyOf } from './sections/safety.ts';
import { probeSeries } from './sections/series.ts';
import { injectionRows, stepFacts } from './sections/steps.ts';
import { storyOf } from './sections/story.ts';
import { timelineOf } from './sections/timeline.ts';
import { timesOf } from './sections/times.ts';
import { trafficFacts } from './sections/traffic.ts';
import { trendOf } from './sections/trend.ts';
import { verdictOf } from './sections/verdict.ts';
import type { Summary } from './summary.ts';

/**
 * Makes a summary of a journal, and of nothing else but the earlier runs that it is given to look back on. A journal that is
 * torn, unfinished, interrupted or refused gives a shorter one that says so; only an empty one is no run at all.
 */
export function summarise(events: readonly JournalEvent[], earlier: readonly PastRun[] = []): Summary {
  const summary = summaryOf(viewOf(events));
  return { ...summary, trend: trendOf(pastRun(summary), earlier) };
}

/** A run as later ones look back on it. */
export function pastRun({ run, verdict, times, availability, lessons, experiment }: Untrended): PastRun {
  return {
    run: run.id,
    startedAt: run.startedAt,
    outcome: verdict.outcome,
    recoverMs: times.recoverMs,
    availability: availability.overall,
    lessons: lessons.filter(({ severity }) => severity !== 'good').length,
    hash: experiment.hash,
  };
}

type Untrended = Omit<Summary, 'trend'>;

function summaryOf(view: RunView): Untrended {
  const s = secondsOf(view);
  const loads = loadFacts(view);
  const hypothesis = hypothesisOf(view, loads, s);
  const cascade = cascadeOf(view, s);
  const times = timesOf(view);
  const rollback = rollbackOf(view, s);
  const learned = learn(view);
  return {
    version: 1,
    run: runFacts(view, s),
    verdict: verdictOf(view, hypothesis, cascade, times),
    story: storyOf(view, cascade, times, rollback),
    times,
    hypothesis,
    steps: stepFacts(view, s),
    cascade,
    ...learned,
    actions: actionItems(view, learned.lessons, rollback),
    breaking: breakingPoints(view),
    impact: impactOf(view),
    availability: availabilityOf(view),
    clients: clientRows(view),
    probes: probeSeries(view, s),
    injection: injectionRows(view),
    traffic: trafficFacts(view, s),
    rollback,
    limits: limitRows(view),
    safety: safetyOf(view),
    loads,
    gates: gateRows(view),
    timeline: timelineOf(view, s),
    environment: environmentFacts(view),
    experiment: view.plan?.source ?? { file: '', hash: '', text: '' },
  };
}

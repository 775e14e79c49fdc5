import { formatMeasure, MEASURES } from '../core/expectation.ts';
import type { JournalEvent, JournalEventOf } from '../core/journal.ts';
import type { PlannedStep } from '../core/plan.ts';
import { formatCount, formatDuration, formatQuantity } from '../core/units.ts';
import { EXIT, type ExitCode, type Verdict } from '../core/verdict.ts';
import { injectionOf, missedInjections } from './injection.ts';
import { eventsOf, firstOf, lastOf } from './journal/index.ts';
import { loadsOfRun, type PlayedLoad } from './loads.ts';

export interface Judgement {
  readonly verdict: Verdict;
  readonly exit: ExitCode;
  /** Why, with the figures: "aborted: read-workspace errorRate was 64% (> 20% for 5 s) 31.2 s after the first fault; …". */
  readonly sentence: string;
}

interface Finding {
  readonly verdict: Verdict;
  readonly why: string;
}

/**
 * Judges a run by its journal alone. The first that applies: refused (nothing was injected), `aborted`, `inconclusive`,
 * `deviated`, `held`; a rollback that is not proven keeps the verdict and outranks every exit code.
 */
export function judge(events: readonly JournalEvent[]): Judgement {
  const refusal = findRefusal(events);
  if (refusal) return { verdict: 'inconclusive', exit: EXIT.refused, sentence: `refused: ${refusal}` };
  const { verdict, why } =
    findAbort(events) ?? findInconclusive(events) ?? findDeviation(events) ?? findHeld(events);
  const unproven = unprovenRollback(events);
  const sentence = [`${verdict}: ${why}`, ...aftermath(events), ...unjudged(events)].join('; ');
  if (unproven === undefined) return { verdict, exit: EXIT[verdict], sentence };
  return { verdict, exit: EXIT.rollbackNotProven, sentence: `${sentence}; ROLLBACK NOT PROVEN: ${unproven}` };
}

/** Whether a fault may have been in force: from the intention on, unless the act was refused. */
function mayHaveInjected(events: readonly JournalEvent[]): boolean {
  return firstOf(events, 'step-intended') !== undefined && firstOf(events, 'gate-refused') === undefined;
}

function findRefusal(events: readonly JournalEvent[]): string | undefined {
  const gate = firstOf(events, 'gate-refused');
  if (gate) return plain(gate.reason);
  const baseline = firstOf(events, 'baseline');
  return baseline && !baseline.healthy
    ? `the baseline is not healthy: ${plain(baseline.reason ?? 'no reason given')}`
    : undefined;
}

function findAbort(events: readonly JournalEvent[]): Finding | undefined {
  const after = sinceFirstFault(events);
  const breach = firstOf(events, 'breach');
  if (breach) return { verdict: 'aborted', why: `${breachText(breach)}${after(breach)}` };
  const bound = firstOf(events, 'bound-breached');
  if (bound) return { verdict: 'aborted', why: `${plain(bound.text)}${after(bound)}` };
  const missing = firstOf(events, 'missing');
  if (missing && missing.leadsTo !== 'inconclusive')
    return { verdict: 'aborted', why: `${missingText(missing)}${after(missing)}` };
  const loss = eventsOf(events, 'rollback-started').find(({ cause }) => cause === 'monitor-loss');
  return loss && { verdict: 'aborted', why: `${plain(loss.reason)}${after(loss)}` };
}

const STOPS: ReadonlySet<string> = new Set(['halt', 'signal', 'stop-file', 'error', 'interrupted']);

function findInconclusive(events: readonly JournalEvent[]): Finding | undefined {
  const because = (why: string): Finding => ({ verdict: 'inconclusive', why });
  const after = sinceFirstFault(events);
  const stop = eventsOf(events, 'rollback-started').find(({ cause }) => STOPS.has(cause));
  if (stop) return because(`${plain(stop.reason)}${after(stop)}`);
  const missing = firstOf(events, 'missing');
  if (missing) return because(`${missingText(missing)}${after(missing)}`);
  const missed = missedInjections(events);
  if (missed.length > 0) return because(missed.join('; '));
  if (!firstOf(events, 'step-applied'))
    return because(
      unplayed(events) ? 'the run ended before the first fault' : 'every step was left out by hand',
    );
  const gate = lastOf(events, 'step-gate');
  if (unplayed(events) && gate?.outcome !== 'not-reached')
    return because('not every step was played to its end');
  if (!firstOf(events, 'recovery')) return because('recovery was not measured');
  const untold = untoldThreshold(events);
  return untold === undefined ? undefined : because(untold);
}

function findDeviation(events: readonly JournalEvent[]): Finding | undefined {
  const because = (why: string): Finding => ({ verdict: 'deviated', why });
  const left = leftWhileInjected(events);
  if (left) {
    const measure = MEASURES.find((known) => left.expectation.startsWith(known)) ?? 'value';
    const figure = (value: number | null) => formatMeasure(measure, value ?? Number.NaN);
    return because(
      `${left.probe} was expected to keep ${left.expectation} and was ${figure(left.value)} (baseline ${figure(left.baseline)})${sinceFirstFault(events)(left)}`,
    );
  }
  const search = eventsOf(events, 'search-ended').find(({ lastGood }) => lastGood === null);
  if (search) return because(`not even the mildest value held: ${searchText(events, search)}`);
  const gate = eventsOf(events, 'step-gate').find((event) => event.outcome === 'not-reached');
  if (gate) {
    return because(
      `the steady state did not return at the gate before step ${gate.step + 1}${nameOf(stepOf(events, gate.step))} within ${formatDuration(gate.waitedMs ?? 0)}`,
    );
  }
  const missed = missedThreshold(events);
  if (missed !== undefined) return because(missed);
  const recovery = firstOf(events, 'recovery');
  if (recovery && !recovery.recovered) {
    const within = firstOf(events, 'run-started')?.plan.recoveryMs ?? Number.NaN;
    const window = recovery.windows.find((one) => one.missed.length > 0);
    const still = window ? `: ${window.probe} still missed ${window.missed[0]!.text}` : '';
    const late =
      recovery.afterMs === null ? '' : `: it took ${formatDuration(recovery.afterMs)} after the rollback`;
    return because(`no recovery within ${formatDuration(within)} of the rollback${late || still}`);
  }
  return undefined;
}

function findHeld(events: readonly JournalEvent[]): Finding {
  const plan = firstOf(events, 'run-started')?.plan;
  const expectations = plan?.probes.reduce((sum, probe) => sum + probe.expect.length, 0) ?? 0;
  const faults = injectionOf(events);
  const injected = faults.reduce((sum, fault) => sum + fault.injected, 0);
  const uncounted = faults.some((fault) => fault.uncounted) ? ' beside those that nobody counts' : '';
  const played = eventsOf(events, 'step-ended').length;
  const found = eventsOf(events, 'search-ended').map((search) => `; ${searchText(events, search)}`);
  const met = loadsOfRun(events).reduce((sum, { thresholds }) => sum + thresholds.length, 0);
  const thresholds = met === 0 ? '' : `; the load met ${formatCount(met, 'threshold')}`;
  const skipped = eventsOf(events, 'step-skipped').map(
    ({ step }) => `step ${step + 1}${nameOf(stepOf(events, step))}`,
  );
  const without = skipped.length > 0 ? `; left out by hand: ${skipped.join(', ')}` : '';
  return {
    verdict: 'held',
    why: `${formatCount(expectations, 'expectation')} of ${formatCount(plan?.probes.length ?? 0, 'probe')} held through ${formatCount(played, 'step')} with ${formatCount(injected, 'injection')}${uncounted}${found.join('')}${without}${thresholds}`,
  };
}

function missedThreshold(events: readonly JournalEvent[]): string | undefined {
  for (const load of loadsOfRun(events)) {
    const missed = load.thresholds.find(({ met }) => met === false);
    if (missed) return `${nameOfLoad(events, load)} was to meet ${missed.text} and had ${missed.shown}`;
  }
  return undefined;
}

/** A load that said nothing, or too little, shows nothing. */
function untoldThreshold(events: readonly JournalEvent[]): string | undefined {
  for (const load of loadsOfRun(events)) {
    const asked = load.spec.traffic?.thresholds ?? [];
    const name = nameOfLoad(events, load);
    if (asked.length > 0 && !load.seen) return `${name} did not say what it saw`;
    const untold = load.thresholds.find(({ met }) => met === null);
    if (untold) return `${name} could not be judged by ${untold.text}: ${untold.why}`;
  }
  return undefined;
}

function nameOfLoad(events: readonly JournalEvent[], { step }: PlayedLoad): string {
  return step === undefined ? 'the load' : `the load of step ${step + 1}${nameOf(stepOf(events, step))}`;
}

/** What followed: how long the faults took to be taken back, and the system to recover. */
function aftermath(events: readonly JournalEvent[]): string[] {
  const emptied = lastOf(events, 'rollback-emptied');
  const recovery = firstOf(events, 'recovery');
  return [
    ...(emptied ? [`rolled back in ${formatDuration(emptied.tookMs)}`] : []),
    ...(recovery?.recovered ? [`recovered ${formatDuration(recovery.afterMs ?? 0)} after that`] : []),
  ];
}

/** What the sequential tests could not tell, for want of a longer baseline. */
function unjudged(events: readonly JournalEvent[]): string[] {
  const tests = eventsOf(events, 'judging').flatMap((event) => event.tests);
  const short = tests.filter(({ needs }) => needs !== undefined).length;
  if (short === 0) return [];
  return [
    `inconclusive for ${short} of ${tests.length} sequential tests, whose baseline is too short to judge by`,
  ];
}

function unprovenRollback(events: readonly JournalEvent[]): string | undefined {
  const proof = lastOf(events, 'rollback-proof')?.proof;
  if (proof) return proof.proven ? undefined : (proof.reason ?? 'no reason given');
  return mayHaveInjected(events) ? 'nothing was proven before the run ended' : undefined;
}

/** What a try of a search breaks is what it is for: only what other steps broke was not expected. */
function leftWhileInjected(events: readonly JournalEvent[]): JournalEventOf<'left-baseline'> | undefined {
  let searching: boolean | undefined;
  for (const event of events) {
    if (event.type === 'rollback-started') return undefined;
    if (event.type === 'step-applied') searching = stepOf(events, event.step)?.search !== undefined;
    if (event.type === 'left-baseline' && searching === false) return event;
  }
  return undefined;
}

/** Whether a step was not played to its end; a search that has its answer needs no more tries, and what was left out by hand is missed by nobody. */
function unplayed(events: readonly JournalEvent[]): boolean {
  const ended = new Set(eventsOf(events, 'step-ended').map(({ step }) => step));
  const skipped = new Set(eventsOf(events, 'step-skipped').map(({ step }) => step));
  const answered = new Set(eventsOf(events, 'search-ended').map(({ search }) => search));
  const steps = firstOf(events, 'run-started')?.plan.steps ?? [];
  return steps.some(
    ({ search }, index) => !ended.has(index) && !skipped.has(index) && !(search && answered.has(search.name)),
  );
}

/** `latency held at 700 ms and no more at 760 ms`. */
function searchText(
  events: readonly JournalEvent[],
  { search: name, attribute, lastGood, firstBad }: JournalEventOf<'search-ended'>,
): string {
  const steps = firstOf(events, 'run-started')?.plan.steps ?? [];
  const unit = steps.find(({ search }) => search?.name === name)?.search?.unit ?? '';
  const figure = (value: number) => formatQuantity(value, unit);
  if (lastGood === null) return `${attribute} of ${figure(firstBad ?? Number.NaN)} in "${name}"`;
  if (firstBad === null) return `${attribute} held up to ${figure(lastGood)}, the harshest of "${name}"`;
  return `${attribute} held at ${figure(lastGood)} and no more at ${figure(firstBad)} in "${name}"`;
}

/** The measure, the bound and the time for which it was passed: `read-workspace errorRate was 64% (> 20% for 5 s)`. */
function breachText({ rule, probe, value, baseline, text }: JournalEventOf<'breach'>): string {
  if (value === null || !rule.text.startsWith(rule.measure)) return plain(text);
  const bound = rule.text.slice(rule.measure.length).trim();
  const before =
    rule.relative && baseline !== null ? `, baseline ${formatMeasure(rule.measure, baseline)}` : '';
  return `${probe} ${rule.measure} was ${formatMeasure(rule.measure, value)} (${bound}${before})`;
}

/** Part of a longer sentence. */
function plain(text: string): string {
  return text.replace(/\.$/, '');
}

function missingText(missing: JournalEventOf<'missing'>): string {
  return `probe ${missing.probe} has given no sample for ${formatDuration(missing.ageMs)}`;
}

function sinceFirstFault(events: readonly JournalEvent[]): (event: JournalEvent) => string {
  const first = firstOf(events, 'step-applied');
  return (event) =>
    first && event.mono >= first.mono
      ? ` ${formatDuration(event.mono - first.mono)} after the first fault`
      : '';
}

function stepOf(events: readonly JournalEvent[], step: number): PlannedStep | undefined {
  return firstOf(events, 'run-started')?.plan.steps[step];
}

function nameOf(step: PlannedStep | undefined): string {
  return step ? ` "${step.name}"` : '';
}

import { formatMeasure, MEASURES } from '../../core/expectation.ts';
import { type CountedFault, placeOf } from '../../core/fault.ts';
import type { DriverProof, JournalEvent, ProbeWindow } from '../../core/journal.ts';
import type { ProbeSpec } from '../../core/plan.ts';
import { formatDuration } from '../../core/units.ts';
import type { RunProgress } from '../../experiments/progress.ts';
import { notJudged } from '../../report/sections/judged.ts';

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'quiet';

export interface Milestone {
  readonly tone: Tone;
  readonly text: string;
  /** Lines that belong below it. */
  readonly details?: readonly string[];
}

/** What an event means to a reader, in a sentence; undefined for events that only a live view shows. */
export function milestone(event: JournalEvent, progress: RunProgress): Milestone | undefined {
  switch (event.type) {
    case 'run-started':
      return {
        tone: 'plain',
        text: event.plan.title,
        details: [`hypothesis: ${event.plan.hypothesis}`, `run ${event.run}`],
      };
    case 'gate-refused':
      return { tone: 'bad', text: `the gate "${event.gate}" says no` };
    case 'data-plane':
      return {
        tone: 'quiet',
        text: `data plane ${event.adopted ? 'found' : 'started'} at ${event.control}: ${Object.entries(
          event.proxies,
        )
          .map(([name, address]) => `${name} ${address}`)
          .join(', ')}`,
      };
    case 'baseline-started':
      return {
        tone: 'plain',
        text: `measuring the baseline for ${formatDuration(progress.plan?.baselineMs ?? 0)}`,
      };
    case 'baseline':
      return event.healthy
        ? {
            tone: 'good',
            text: 'baseline is healthy',
            details: event.windows.map((window) =>
              baselineLine(window, progress.probes.get(window.probe)?.spec),
            ),
          }
        : { tone: 'bad', text: `baseline is not healthy: ${event.reason ?? 'no reason given'}` };
    case 'step-gate':
      return stepGate(event.outcome, event.waitedMs);
    case 'step-held':
      return {
        tone: 'quiet',
        text: event.outcome === 'waiting' ? 'held: faults taken back' : 'let go',
      };
    case 'step-skipped':
      return { tone: 'warn', text: `step ${event.step + 1} is left out` };
    case 'step-applied': {
      const step = progress.plan?.steps[event.step];
      return {
        tone: 'warn',
        text: `step ${event.step + 1} of ${progress.plan?.steps.length ?? '?'}: ${step?.name ?? ''} for ${formatDuration(step?.durationMs ?? 0)}`,
        details: step?.faults.map((fault) => `${placeOf(fault)}: ${fault.sentence}`) ?? [],
      };
    }
    case 'step-ended':
      return {
        tone: event.injectedMet ? 'quiet' : 'bad',
        text: `step ${event.step + 1} ended: ${event.counts.map((fault) => `${placeOf(fault)} ${fault.type} ${amount(fault)}`).join(', ') || 'nothing injected'}`,
      };
    case 'left-baseline':
      return {
        tone: 'bad',
        text: `${event.probe} left its baseline${since(event.mono, progress)}: expected ${event.expectation}, is ${figure(event.expectation, event.value)} (baseline ${figure(event.expectation, event.baseline)})`,
      };
    case 'returned':
      return { tone: 'good', text: `${event.probe} is back within ${event.expectation}` };
    case 'judging': {
      const short = event.tests.filter(({ needs }) => needs !== undefined);
      if (short.length === 0) return undefined;
      return {
        tone: 'quiet',
        text: `${event.probe} against its baseline: ${short.map(notJudged).join('; ')}`,
      };
    }
    case 'breach':
    case 'bound-breached':
      return { tone: 'bad', text: `safety limit breached${since(event.mono, progress)}: ${event.text}` };
    case 'missing':
      return { tone: 'bad', text: `no sample of ${event.probe} for ${formatDuration(event.ageMs)}` };
    case 'rollback-started':
      return {
        tone: 'warn',
        text:
          event.cause === 'breach'
            ? 'rolling back'
            : `rolling back: ${event.reason}${event.by === undefined ? '' : `, by ${event.by}`}`,
      };
    case 'rollback-emptied':
      return { tone: 'good', text: `faults taken back in ${formatDuration(event.tookMs)}` };
    case 'rollback-proof':
      return rollbackProof(event.proof, event.tookMs);
    case 'recovery':
      return event.recovered
        ? { tone: 'good', text: `recovered ${formatDuration(event.afterMs ?? 0)} after rollback` }
        : { tone: 'bad', text: `not recovered within ${formatDuration(progress.plan?.recoveryMs ?? 0)}` };
    case 'note':
      return { tone: 'quiet', text: event.text };
    case 'run-ended':
      return { tone: event.verdict === 'held' ? 'good' : 'warn', text: event.sentence };
    default:
      return undefined;
  }
}

function stepGate(outcome: 'waiting' | 'reached' | 'not-reached', waitedMs = 0): Milestone {
  if (outcome === 'waiting')
    return { tone: 'quiet', text: 'gate: faults taken back, waiting for the steady state' };
  if (outcome === 'reached') return { tone: 'good', text: `gate reached after ${formatDuration(waitedMs)}` };
  return { tone: 'bad', text: `gate not reached in ${formatDuration(waitedMs)}` };
}

function rollbackProof(
  proof: Extract<JournalEvent, { type: 'rollback-proof' }>['proof'],
  tookMs: number,
): Milestone {
  const canaries = proof.canaries.map(
    (canary) =>
      `${canary.proxy}: ${canary.canary} answers ${canary.through}, straight ${canary.direct}${canary.same ? '' : '  differs'}`,
  );
  if (!proof.proven) {
    return {
      tone: 'bad',
      text: `ROLLBACK NOT PROVEN: ${proof.reason ?? 'no reason given'}`,
      details: [...canaries, ...(proof.drivers ?? []).map(driverLine)],
    };
  }
  return {
    tone: 'good',
    text: `rollback proven in ${formatDuration(tookMs)}: fault set empty${proof.held === null ? '' : ', nothing held'}, canaries answer as they do upstream`,
    details: [
      ...canaries,
      ...(proof.drivers ?? []).map(driverLine),
      ...proof.notUndone.map((text) => `cannot be undone: ${text}`),
    ],
  };
}

function baselineLine(window: ProbeWindow, spec: ProbeSpec | undefined): string {
  const measures = new Set(spec?.expect.map((expectation) => expectation.measure) ?? []);
  const figures = [...measures].map(
    (measure) => `${measure} ${formatMeasure(measure, window.measures[measure] ?? Number.NaN)}`,
  );
  return `${window.probe}: ${figures.join(', ')} (${window.samples} samples)`;
}

function since(mono: number, progress: RunProgress): string {
  return progress.firstFault === undefined
    ? ''
    : ` ${formatDuration(mono - progress.firstFault)} after the first fault`;
}

function figure(expectation: string, value: number | null): string {
  const measure = MEASURES.find((known) => expectation.startsWith(known));
  return value === null || !measure ? 'unknown' : formatMeasure(measure, value);
}

/** How often a fault acted. */
export function amount({ injected, matched, uncounted }: CountedFault): string {
  return uncounted ? 'in force, not counted' : `injected ${injected} of ${matched}`;
}

function driverLine({ driver, empty, held, reason, remark }: DriverProof): string {
  if (reason !== undefined) return `${driver}: ${reason}`;
  return `${driver}: ${empty ? 'no fault left' : 'faults left'}${held === null ? '' : `, ${held} held`}${remark === undefined ? '' : `: ${remark}`}`;
}

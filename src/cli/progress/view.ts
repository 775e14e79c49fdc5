import { formatMeasure, type Measure } from '../../core/expectation.ts';
import { placeOf } from '../../core/fault.ts';
import { percentile } from '../../core/statistics.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import type { ProbeProgress, RunProgress } from '../../experiments/progress.ts';
import { amount } from './milestones.ts';
import type { Paint } from './paint.ts';

const BAR = 24;

/** The lines of the live view: where the run is, each probe against its baseline, what was injected. */
export function liveView(progress: RunProgress, now: number, paint: Paint): string[] {
  if (!progress.plan || progress.phase === 'ended') return [];
  return [heading(progress, now, paint), ...probeLines(progress, paint), ...faultLines(progress, paint)];
}

/** The same in one line, for a log. */
export function statusLine(progress: RunProgress, now: number): string {
  const probes = [...progress.probes.values()].map((probe) => `${probe.spec.name} ${current(probe)}`);
  const faults = progress.faults.map(
    (fault) =>
      `${placeOf(fault)} ${fault.type}${fault.uncounted ? '' : ` injected ${fault.injected}/${fault.matched}`}`,
  );
  return [`${phaseName(progress)} ${timeLeft(progress, now)}`.trim(), ...probes, ...faults].join(' | ');
}

function heading(progress: RunProgress, now: number, paint: Paint): string {
  const length = progress.phaseLength();
  const share = length ? Math.min(1, (now - progress.phaseSince) / length) : 0;
  const filled = Math.round(share * BAR);
  const bar = length
    ? `${paint('warn', '━'.repeat(filled))}${paint('quiet', '─'.repeat(BAR - filled))} `
    : '';
  return `  ${paint('strong', phaseName(progress).padEnd(36))} ${bar}${paint('quiet', timeLeft(progress, now))}`;
}

function phaseName(progress: RunProgress): string {
  const steps = progress.plan?.steps ?? [];
  switch (progress.phase) {
    case 'step':
      return `step ${progress.step + 1}/${steps.length} ${steps[progress.step]?.name ?? ''}`;
    case 'gate':
      return `gate before step ${progress.step + 2}`;
    case 'recovery':
      return 'waiting for recovery';
    default:
      return progress.phase;
  }
}

function timeLeft(progress: RunProgress, now: number): string {
  const length = progress.phaseLength();
  if (length === undefined) return '';
  const left = Math.max(0, Math.ceil((length - (now - progress.phaseSince)) / 1000));
  return `${progress.phase === 'step' || progress.phase === 'baseline' ? '' : 'at most '}${formatDuration(left * 1000)} left`;
}

function probeLines(progress: RunProgress, paint: Paint): string[] {
  const width = Math.max(0, ...[...progress.probes.keys()].map((name) => name.length));
  return [...progress.probes.values()].map((probe) => {
    const missed = probe.missed.size > 0;
    const failing = probe.samples.at(-1)?.sample.ok === false;
    const mark = missed ? paint('bad', '✗') : failing ? paint('warn', '!') : paint('good', '✓');
    const now = current(probe).padEnd(30);
    return `  ${mark} ${probe.spec.name.padEnd(width)}  ${missed ? paint('bad', now) : now} ${paint('quiet', baseline(probe))}`;
  });
}

function faultLines(progress: RunProgress, paint: Paint): string[] {
  return progress.faults.map(
    (fault) =>
      `  ${paint('warn', '⚡')} ${placeOf(fault)} ${fault.type}: ${amount(fault)}${
        fault.toxicity !== undefined && fault.toxicity < 1 ? ` at ${formatShare(fault.toxicity)}` : ''
      }`,
  );
}

function headline(probe: ProbeProgress): Measure {
  return probe.spec.expect.some((expectation) => expectation.measure === 'value') ? 'value' : 'p95';
}

function current(probe: ProbeProgress): string {
  const samples = probe.samples.map((entry) => entry.sample);
  if (samples.length === 0) return 'no sample yet';
  const failed = samples.filter((sample) => !sample.ok).length / samples.length;
  const errors = failed > 0 ? ` errors ${formatShare(Math.round(failed * 1000) / 1000)}` : '';
  if (headline(probe) === 'value') {
    const value = samples.findLast((sample) => sample.value !== undefined)?.value;
    return `${value === undefined ? 'no value' : formatMeasure('value', value)}${errors}`;
  }
  const times = samples.map((sample) => sample.ms).sort((left, right) => left - right);
  return `p95 ${formatMeasure('p95', percentile(times, 0.95))}${errors}`;
}

function baseline(probe: ProbeProgress): string {
  const measure = headline(probe);
  const value = probe.baseline?.measures[measure];
  return value === undefined || value === null
    ? ''
    : `baseline ${measure === 'p95' ? 'p95 ' : ''}${formatMeasure(measure, value)}`;
}

import type { CountedFault } from '../../core/fault.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import type { Phase } from '../../experiments/progress.ts';
import type { FollowedRun } from '../runs/followed.ts';

/** A run as it stands now. Times are ms since the run began, unless they say otherwise. */
export interface LiveRun {
  readonly id: string;
  readonly experiment: string;
  readonly title: string;
  readonly phase: Phase;
  readonly phaseSince: number;
  readonly phaseLength: number | null;
  /** Index of the step in force, or last in force; -1 before the first. */
  readonly step: number;
  readonly steps: readonly {
    readonly name: string;
    readonly durationMs: number;
    readonly faults: readonly string[];
  }[];
  readonly now: number;
  readonly faults: readonly CountedFault[];
  readonly probes: readonly LiveProbe[];
}

export interface LiveProbe {
  readonly name: string;
  readonly kind: string;
  readonly baseline: ProbeWindow['measures'] | null;
  /** Newest last: ms of the run, latency, whether it was good, its value where it has one. */
  readonly samples: readonly (readonly [at: number, ms: number, ok: boolean, value: number | null])[];
  /** Expectations that are missed now. */
  readonly missed: readonly string[];
}

/** What a viewer who opens the page in mid-run sees at once. */
export function liveState(run: FollowedRun): LiveRun {
  const { progress } = run;
  const { plan } = progress;
  return {
    id: run.id,
    experiment: plan?.name ?? '',
    title: plan?.title ?? '',
    phase: progress.phase,
    phaseSince: progress.phaseSince,
    phaseLength: progress.phaseLength() ?? null,
    step: progress.step,
    steps: (plan?.steps ?? []).map(({ name, durationMs, faults }) => ({
      name,
      durationMs,
      faults: faults.map(({ proxy, sentence }) => `${proxy}: ${sentence}`),
    })),
    now: progress.latest,
    faults: progress.faults,
    probes: [...progress.probes.values()].map(({ spec, baseline, samples, missed }) => ({
      name: spec.name,
      kind: spec.kind,
      baseline: baseline?.measures ?? null,
      samples: samples.map(({ mono, sample }) => [mono, sample.ms, sample.ok, sample.value ?? null] as const),
      missed: [...missed.keys()],
    })),
  };
}

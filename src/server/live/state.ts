import { compare, formatMeasure } from '../../core/expectation.ts';
import type { CountedFault } from '../../core/fault.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import type { AbortRule } from '../../core/limits.ts';
import type { ProxyObservation } from '../../core/observation.ts';
import type { Phase, ProbeProgress } from '../../experiments/progress.ts';
import { measure } from '../../lessons/view/window.ts';
import type { FollowedRun } from '../runs/followed.ts';

/** A run as it stands now. Times are ms since the run began, unless they say otherwise. */
export interface LiveRun {
  readonly id: string;
  readonly experiment: string;
  readonly title: string;
  readonly hypothesis: string;
  /** Who started it, where that is known. */
  readonly by: string | null;
  readonly phase: Phase;
  readonly phaseSince: number;
  readonly phaseLength: number | null;
  /** Index of the step in force, or last in force; -1 before the first. */
  readonly step: number;
  readonly steps: readonly {
    readonly name: string;
    /** Null where it is hidden. */
    readonly durationMs: number | null;
    readonly faults: readonly string[];
  }[];
  readonly now: number;
  readonly firstFault: number | null;
  readonly faults: readonly CountedFault[];
  /** How long faults live without being renewed, and when they last were. */
  readonly lease: { readonly ms: number; readonly renewedAt: number } | null;
  readonly probes: readonly LiveProbe[];
  readonly proxies: readonly LiveProxy[];
  readonly margins: readonly Margin[];
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

/** Answers since the set of faults in force began, by who made them. */
export interface LiveProxy {
  readonly name: string;
  readonly connections: number;
  readonly units: number;
  readonly organic: number;
  readonly injected: number;
}

/** How near a probe is to a limit now. */
export interface Margin {
  readonly probe: string;
  /** `errorRate > 50% for 5s`. */
  readonly limit: string;
  readonly value: string;
  /** 1 at the bound, or beyond. */
  readonly used: number;
  readonly beyond: boolean;
}

/** What is to be seen of a run now; `whole` with samples of the last minutes, for a viewer who opens the page in mid-run. */
export function liveState(run: FollowedRun, { whole = false } = {}): LiveRun {
  const { progress, observation, lease, by } = run;
  const { plan } = progress;
  const probes = [...progress.probes.values()];
  return {
    id: run.id,
    experiment: plan?.name ?? '',
    title: plan?.title ?? '',
    hypothesis: plan?.hypothesis ?? '',
    by: by ?? null,
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
    firstFault: progress.firstFault ?? null,
    faults: progress.faults,
    lease: lease ?? null,
    probes: probes.map(({ spec, baseline, samples, missed }) => ({
      name: spec.name,
      kind: spec.kind,
      baseline: baseline?.measures ?? null,
      samples: (whole
        ? (run.samples.get(spec.name) ?? [])
        : samples.map(({ mono, sample }) => [mono, sample] as const)
      ).map(([mono, sample]) => [mono, sample.ms, sample.ok, sample.value ?? null] as const),
      missed: [...missed.keys()],
    })),
    proxies: Object.entries(observation?.proxies ?? {}).map(([name, seen]) => ({ name, ...counts(seen) })),
    margins: probes.flatMap((probe) => (plan?.abortWhen ?? []).flatMap((rule) => margin(rule, probe))),
  };
}

function counts({ connections, units, status }: ProxyObservation): Omit<LiveProxy, 'name'> {
  const all = Object.values(status);
  return {
    connections: connections.open,
    units,
    organic: all.reduce((sum, { organic }) => sum + organic, 0),
    injected: all.reduce((sum, { injected }) => sum + injected, 0),
  };
}

function margin(rule: AbortRule, { spec, samples, baseline }: ProbeProgress): Margin[] {
  if (rule.probe !== '*' && rule.probe !== spec.name) return [];
  const value = measure(
    samples.map(({ mono, sample }) => ({ ...sample, at: mono })),
    rule.measure,
  );
  const bound = rule.relative ? rule.bound * (baseline?.measures[rule.measure] ?? Number.NaN) : rule.bound;
  if (Number.isNaN(value) || Number.isNaN(bound)) return [];
  const beyond = compare(value, rule.operator, bound);
  const rising = rule.operator.startsWith('>');
  const used = beyond ? 1 : rising && bound > 0 ? Math.max(0, value / bound) : 0;
  return [{ probe: spec.name, limit: rule.text, value: formatMeasure(rule.measure, value), used, beyond }];
}

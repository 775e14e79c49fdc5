import type { Measure } from '../../core/expectation.ts';
import type { CountedFault } from '../../core/fault.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import type { LaunchEnd } from '../../core/launch.ts';
import type { AbortRule } from '../../core/limits.ts';
import type { ProxyObservation } from '../../core/observation.ts';
import type { Phase, ProbeProgress } from '../../experiments/progress.ts';
import { measure } from '../../lessons/view/window.ts';
import { boundOf } from '../../safety/relative.ts';
import { faultInWords } from '../runs/fault-words.ts';
import type { FollowedRun } from '../runs/followed.ts';
import { type Margin, marginsOf } from './margins.ts';
import type { Moment, Rate, Rollback, StepSpan } from './timeline.ts';

/** Rates that a state which is not whole carries: enough for a viewer who missed one or two. */
const NEWEST_RATES = 5;

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
  /** How long nothing new has been read of it, ms: a run that lives says something every second. */
  readonly silentMs: number;
  readonly spans: readonly StepSpan[];
  readonly moments: readonly Moment[];
  readonly rollback: Rollback | null;
  readonly refused: string | null;
  /** Once it is over. */
  readonly end: LaunchEnd | null;
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
  readonly windowMs: number;
  readonly baseline: ProbeWindow['measures'] | null;
  /** Over its window as it is now; null for what cannot be told. */
  readonly measures: Readonly<Record<'errorRate' | 'p95' | 'value', number | null>>;
  readonly limits: readonly ProbeLimit[];
  /** Newest last: ms of the run, latency, whether it was good, its value where it has one. */
  readonly samples: readonly (readonly [at: number, ms: number, ok: boolean, value: number | null])[];
  /** Expectations that are missed now. */
  readonly missed: readonly string[];
}

/** What a probe is held against, in the measure's own unit: as the hypothesis expects it, or where the run is ended. */
export interface ProbeLimit {
  readonly kind: 'expected' | 'abort';
  readonly measure: Measure;
  readonly bound: number;
  readonly text: string;
}

/** Answers since the set of faults in force began, by who made them. */
export interface LiveProxy {
  readonly name: string;
  readonly connections: number;
  readonly units: number;
  readonly organic: number;
  readonly injected: number;
  /** Newest last. */
  readonly rates: readonly Rate[];
}

/** What is to be seen of a run now; `whole` with samples of the last minutes, for a viewer who opens the page in mid-run. */
export function liveState(run: FollowedRun, { whole = false } = {}): LiveRun {
  const { progress, observation, lease, by, timeline } = run;
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
      faults: faults.map(faultInWords),
    })),
    now: progress.latest,
    silentMs: Math.max(0, Date.now() - run.heardAt),
    spans: timeline.steps,
    moments: timeline.moments,
    rollback: timeline.rollback ?? null,
    refused: timeline.refused ?? null,
    end: run.end ?? null,
    firstFault: progress.firstFault ?? null,
    faults: progress.faults,
    lease: lease ?? null,
    probes: probes.map((probe) => liveProbe(probe, run, whole)),
    proxies: Object.entries(observation?.proxies ?? {}).map(([name, seen]) => ({
      name,
      ...counts(seen),
      rates: (timeline.rates.get(name) ?? []).slice(whole ? 0 : -NEWEST_RATES),
    })),
    margins: marginsOf(run),
  };
}

function liveProbe(
  { spec, baseline, samples, missed }: ProbeProgress,
  run: FollowedRun,
  whole: boolean,
): LiveProbe {
  const shown = whole
    ? (run.samples.get(spec.name) ?? [])
    : samples.map(({ mono, sample }) => [mono, sample] as const);
  const window = samples.map(({ mono, sample }) => ({ ...sample, at: mono }));
  const now = (wanted: Measure) => {
    const value = measure(window, wanted);
    return Number.isNaN(value) ? null : value;
  };
  return {
    name: spec.name,
    kind: spec.kind,
    windowMs: spec.windowMs,
    baseline: baseline?.measures ?? null,
    measures: { errorRate: now('errorRate'), p95: now('p95'), value: now('value') },
    limits: limitsOf(spec, run.progress.plan?.abortWhen ?? [], baseline?.measures ?? {}),
    samples: shown.map(([mono, { ms, ok, value }]) => [mono, ms, ok, value ?? null] as const),
    missed: [...missed.keys()],
  };
}

/** Without those that are relative to a baseline that is not there yet. */
function limitsOf(
  { name, expect }: ProbeProgress['spec'],
  rules: readonly AbortRule[],
  baseline: ProbeWindow['measures'],
): readonly ProbeLimit[] {
  const own = rules.filter(({ probe }) => probe === '*' || probe === name);
  const all = [
    ...expect.map((one) => ({ kind: 'expected' as const, ...one })),
    ...own.map((one) => ({ kind: 'abort' as const, ...one })),
  ];
  return all.flatMap(({ kind, measure: of, text, ...rest }) => {
    const bound = boundOf({ measure: of, ...rest }, baseline[of] ?? Number.NaN);
    return Number.isNaN(bound) ? [] : [{ kind, measure: of, bound, text }];
  });
}

function counts({ connections, units, status }: ProxyObservation): Omit<LiveProxy, 'name' | 'rates'> {
  const all = Object.values(status);
  return {
    connections: connections.open,
    units,
    organic: all.reduce((sum, { organic }) => sum + organic, 0),
    injected: all.reduce((sum, { injected }) => sum + injected, 0),
  };
}

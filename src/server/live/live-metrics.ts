import { Gauge, type Registry } from 'prom-client';
import type { Measure } from '../../core/expectation.ts';
import { measure } from '../../lessons/view/window.ts';
import type { FollowedRun } from '../runs/followed.ts';
import { type LiveRun, liveState } from './state.ts';

interface Running {
  running(): readonly FollowedRun[];
}

type Set = (labels: Readonly<Record<string, string>>, value: number | null | undefined) => void;

const QUANTILES: Readonly<Record<string, Measure>> = { '0.5': 'p50', '0.95': 'p95' };

/** Gauges of the runs that go on, as of the moment they are asked for; a run that is over has none. */
export function addLiveMetrics(registry: Registry, launcher: Running): void {
  const gauge = (
    name: string,
    help: string,
    labels: readonly string[],
    fill: (run: FollowedRun, set: Set) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['experiment', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const run of launcher.running()) {
          const { plan } = run.progress;
          if (!plan) continue;
          fill(run, (more, value) => {
            if (Number.isFinite(value)) this.set({ experiment: plan.name, ...more }, value!);
          });
        }
      },
    });
  const live = (
    name: string,
    help: string,
    labels: readonly string[],
    fill: (state: LiveRun, set: Set) => void,
  ) => gauge(name, help, labels, (run, set) => fill(liveState(run), set));

  gauge('faultline_run_active', 'Runs that go on.', [], (_, set) => set({}, 1));
  gauge('faultline_run_phase', '1 for the phase that a run is in.', ['phase'], ({ progress }, set) =>
    set({ phase: progress.phase }, 1),
  );
  gauge(
    'faultline_run_step',
    'Step in force or last in force, from 1; 0 before the first.',
    [],
    ({ progress }, set) => set({}, progress.step + 1),
  );
  gauge('faultline_run_faults', 'Faults that the run has in force.', [], ({ progress }, set) =>
    set({}, progress.faults.length),
  );
  gauge('faultline_run_lease_seconds_left', 'Time left of the lease.', [], ({ lease, progress }, set) => {
    if (lease) set({}, Math.max(0, lease.renewedAt + lease.ms - progress.latest) / 1000);
  });
  live(
    'faultline_run_answers',
    'Answers since the faults in force began, by who made them.',
    ['proxy', 'origin'],
    ({ proxies }, set) => {
      for (const { name: proxy, organic, injected } of proxies) {
        set({ proxy, origin: 'organic' }, organic);
        set({ proxy, origin: 'injected' }, injected);
      }
    },
  );
  live(
    'faultline_safety_margin_used_ratio',
    'How much of a safety limit is used; 1 at the limit or beyond.',
    ['probe', 'limit'],
    ({ margins }, set) => {
      for (const { probe, limit, used } of margins) set({ probe, limit }, used);
    },
  );
  gauge(
    'faultline_probe_expectations_missed',
    'Expectations of a probe that are missed now.',
    ['probe'],
    ({ progress }, set) => {
      for (const [probe, { missed }] of progress.probes) set({ probe }, missed.size);
    },
  );
  addHealth(gauge);
}

type AddGauge = (
  name: string,
  help: string,
  labels: readonly string[],
  fill: (run: FollowedRun, set: Set) => void,
) => void;

function addHealth(gauge: AddGauge): void {
  gauge(
    'faultline_probe_error_ratio',
    "Failed samples of a probe's window.",
    ['probe'],
    eachProbe((probe, now, _, set) => set({ probe }, now('errorRate'))),
  );
  gauge(
    'faultline_probe_baseline_error_ratio',
    'Failed samples of the baseline.',
    ['probe'],
    eachProbe((probe, _, baseline, set) => set({ probe }, baseline('errorRate'))),
  );
  gauge(
    'faultline_probe_latency_seconds',
    "Latency of a probe's window.",
    ['probe', 'quantile'],
    eachProbe((probe, now, _, set) => {
      for (const [quantile, name] of Object.entries(QUANTILES)) set({ probe, quantile }, now(name) / 1000);
    }),
  );
  gauge(
    'faultline_probe_baseline_latency_seconds',
    'Latency of the baseline.',
    ['probe', 'quantile'],
    eachProbe((probe, _, baseline, set) => {
      for (const [quantile, name] of Object.entries(QUANTILES))
        set({ probe, quantile }, baseline(name) / 1000);
    }),
  );
}

type Read = (name: Measure) => number;

function eachProbe(
  tell: (probe: string, now: Read, baseline: Read, set: Set) => void,
): (run: FollowedRun, set: Set) => void {
  return ({ progress }, set) => {
    for (const [probe, { samples, baseline }] of progress.probes) {
      const window = samples.map(({ mono, sample }) => ({ ...sample, at: mono }));
      tell(
        probe,
        (name) => measure(window, name),
        (name) => baseline?.measures[name] ?? Number.NaN,
        set,
      );
    }
  };
}

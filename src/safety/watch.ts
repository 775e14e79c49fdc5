import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import { formatMeasure } from '../core/expectation.ts';
import type { ProbeWindow } from '../core/journal.ts';
import type { AbortRule } from '../core/limits.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { Probe, Sample } from '../core/ports.ts';
import { type BaselineFigures, figuresOfBaseline, judgeBaseline } from './baseline.ts';
import type { Baseline, HealthWatch } from './contract.ts';
import { type Pace, startPace } from './pace.ts';
import { Samples } from './samples.ts';
import { judgeWindow, LEAST_SAMPLES, missedBy } from './windows.ts';

/** Beyond `every + timeout`, how late a sample may be before its probe counts as missing. */
const GRACE_MS = 1000;

export interface WatchOptions {
  readonly specs: readonly ProbeSpec[];
  /** By name, one for each spec. */
  readonly probes: readonly Probe[];
  /** The run's abort rules: those relative to the baseline need figures in it. */
  readonly rules?: readonly AbortRule[];
  readonly clock?: Clock;
}

interface Watched {
  readonly spec: ProbeSpec;
  readonly probe: Probe;
  readonly samples: Samples;
}

/**
 * Measures each probe every `every`, on a fixed grid, without waiting for the measurement before: a probe with `every:
 * 250ms` and `timeout: 2s` that hangs still gives four samples a second, each failed at its time-out.
 */
export function createWatch({ specs, probes, rules = [], clock = systemClock }: WatchOptions): HealthWatch {
  const watched = new Map(specs.map((spec) => [spec.name, watch(spec, probes)]));
  const listeners = new Set<(sample: Sample) => void>();
  const ending = new AbortController();
  // Each measurement under way listens to it.
  setMaxListeners(0, ending.signal);
  let paces: readonly Pace[] = [];
  let startedAt = 0;
  let baseline: BaselineFigures = new Map();

  function take(spec: ProbeSpec, samples: Samples, sample: Sample): void {
    const missed = sample.ok ? missedBy(spec, sample) : [];
    const judged = missed.length === 0 ? sample : { ...sample, ok: false, reason: reasonFor(sample, missed) };
    samples.add({ sample: judged, end: clock.now(), missed });
    for (const listener of [...listeners]) listener(judged);
  }

  function windowOf(probe: string, at: number, since: number): ProbeWindow {
    const { spec, samples } = watched.get(probe)!;
    const many = samples.window(at, spec.windowMs, LEAST_SAMPLES, since);
    const recent = samples.window(at, spec.windowMs, 1, since);
    return judgeWindow(spec, { many, recent }, baseline.get(probe));
  }

  return {
    start() {
      startedAt = clock.now();
      paces = [...watched.values()].map(({ spec, probe, samples }) =>
        startPace({
          spec,
          clock,
          measure: (signal) => probe.measure(signal),
          onSample: (sample) => take(spec, samples, sample),
          signal: ending.signal,
        }),
      );
    },
    async stop() {
      ending.abort();
      for (const pace of paces) pace.stop();
      await Promise.allSettled([...watched.values()].map(({ probe }) => probe.close()));
    },
    onSample(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    window: (probe, at = clock.now(), since = Number.NEGATIVE_INFINITY) => windowOf(probe, at, since),
    windows: (at = clock.now(), since = Number.NEGATIVE_INFINITY) =>
      specs.map(({ name }) => windowOf(name, at, since)),
    missing() {
      return [...watched.values()].flatMap(({ spec, samples }) => {
        const ageMs = clock.now() - (samples.newestBegin ?? startedAt);
        return ageMs > spec.everyMs + spec.timeoutMs + GRACE_MS ? [{ probe: spec.name, ageMs }] : [];
      });
    },
    takeBaseline(since): Baseline {
      const at = clock.now();
      const evidence = [...watched.values()].map(({ spec, samples }) => ({
        spec,
        rules: rules.filter(({ probe }) => probe === '*' || probe === spec.name),
        kept: samples.window(at, Number.POSITIVE_INFINITY, 0, since),
      }));
      const taken = judgeBaseline(evidence);
      baseline = figuresOfBaseline(taken.windows);
      const samples = evidence.map(
        ({ spec, kept }) => [spec.name, kept.map(({ sample }) => sample)] as const,
      );
      return { ...taken, samples: new Map(samples) };
    },
  };
}

function watch(spec: ProbeSpec, probes: readonly Probe[]): Watched {
  const probe = probes.find(({ name }) => name === spec.name);
  if (!probe) throw new Error(`no probe was made for "${spec.name}"`);
  return { spec, probe, samples: new Samples() };
}

function reasonFor(sample: Sample, missed: ReturnType<typeof missedBy>): string {
  return missed
    .map(({ measure, text }) => {
      const figure = sample[measure as 'status' | 'value'];
      if (figure === undefined) return `there was no ${measure}, expected ${text}`;
      return `${measure} was ${formatMeasure(measure, figure)}, expected ${text}`;
    })
    .join('; ');
}

import type { CountedFault } from '../core/fault.ts';
import type { JournalEvent, ProbeWindow } from '../core/journal.ts';
import type { Plan, ProbeSpec } from '../core/plan.ts';
import type { Sample } from '../core/ports.ts';

export type Phase = 'checks' | 'baseline' | 'gate' | 'held' | 'step' | 'rollback' | 'recovery' | 'ended';

export interface ProbeProgress {
  readonly spec: ProbeSpec;
  /** Newest last, those of the probe's window. */
  samples: { readonly mono: number; readonly sample: Sample }[];
  baseline?: ProbeWindow;
  /** Expectations that are missed now, with the journal's mono of when that began. */
  readonly missed: Map<string, number>;
}

/** All that a live view shows, kept up to date from the journal's events. Times are the journal's `mono`. */
export class RunProgress {
  plan: Plan | undefined;
  phase: Phase = 'checks';
  phaseSince = 0;
  /** Index of the step in force, or last in force. */
  step = -1;
  firstFault: number | undefined;
  /** Of the newest event. */
  latest = 0;
  readonly probes = new Map<string, ProbeProgress>();
  faults: readonly CountedFault[] = [];

  take(event: JournalEvent): void {
    this.latest = event.mono;
    switch (event.type) {
      case 'run-started':
        this.plan = event.plan;
        for (const spec of event.plan.probes)
          this.probes.set(spec.name, { spec, samples: [], missed: new Map() });
        break;
      case 'baseline-started':
        this.#enter('baseline', event.mono);
        break;
      case 'baseline':
        for (const window of event.windows) {
          const probe = this.probes.get(window.probe);
          if (probe) probe.baseline = window;
        }
        break;
      case 'sample':
        this.#sample(event.mono, event.sample);
        break;
      case 'step-gate':
        if (event.outcome === 'waiting') {
          this.faults = [];
          this.#enter('gate', event.mono);
        }
        break;
      case 'step-held':
        if (event.outcome === 'waiting') {
          this.faults = [];
          this.#enter('held', event.mono);
        }
        break;
      case 'step-applied':
        this.step = event.step;
        this.faults = [];
        this.firstFault ??= event.mono;
        this.#enter('step', event.mono);
        break;
      case 'renewed':
        this.faults = event.faults;
        break;
      case 'step-ended':
        this.faults = event.counts;
        break;
      case 'left-baseline':
        this.probes.get(event.probe)?.missed.set(event.expectation, event.mono);
        break;
      case 'returned':
        this.probes.get(event.probe)?.missed.delete(event.expectation);
        break;
      case 'rollback-started':
        this.#enter('rollback', event.mono);
        break;
      case 'rollback-proof':
        this.faults = [];
        this.#enter('recovery', event.mono);
        break;
      case 'run-ended':
        this.#enter('ended', event.mono);
        break;
    }
  }

  /** How long the phase should take at most, ms; undefined when nobody knows. */
  phaseLength(): number | undefined {
    if (!this.plan) return undefined;
    if (this.phase === 'baseline') return this.plan.baselineMs;
    if (this.phase === 'recovery') return this.plan.recoveryMs;
    if (this.phase === 'step') return this.plan.steps[this.step]?.durationMs;
    if (this.phase === 'gate') return 3 * (this.plan.steps[this.step + 1]?.gateMs ?? 0);
    return undefined;
  }

  #enter(phase: Phase, mono: number): void {
    this.phase = phase;
    this.phaseSince = mono;
  }

  #sample(mono: number, sample: Sample): void {
    const probe = this.probes.get(sample.probe);
    if (!probe) return;
    probe.samples.push({ mono, sample });
    const oldest = mono - probe.spec.windowMs;
    while (probe.samples[0]!.mono < oldest) probe.samples.shift();
  }
}

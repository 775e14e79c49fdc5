import type { JournalEvent } from '../../src/core/journal.ts';
import type { Plan, ProbeSpec } from '../../src/core/plan.ts';
import type { Sample } from '../../src/core/ports.ts';
import { type RunView, viewOf } from '../../src/lessons/view/view.ts';
import { counted, JournalBuilder, plan, planned, step } from './journal-builder.ts';

export interface ShortRun {
  readonly probes?: readonly ProbeSpec[];
  /** A sample of a probe at a time, ms since the first fault; by default all is well. */
  readonly sample?: (probe: ProbeSpec, since: number) => Partial<Sample>;
  /** Units a second of a proxy at a time, ms since the first fault. */
  readonly units?: (proxy: string, since: number) => number;
  readonly faultOn?: string;
  readonly left?: readonly (readonly [since: number, probe: string, expectation: string])[];
  readonly recovery?: 'in time' | 'late' | 'never' | 'not measured';
  readonly plan?: Partial<Plan>;
  readonly breach?: boolean;
}

/** When the first fault came, and how long it stayed. */
const FIRST_FAULT = 20_000;
const FAULTED_MS = 30_000;

/** A run of 20 s of baseline, 30 s of one fault and 20 s of recovery, all well unless told otherwise. */
export function shortJournal(options: ShortRun = {}): JournalEvent[] {
  const { probes = [], faultOn = 'openai', recovery = 'in time' } = options;
  const fault = planned('1.1', faultOn, 'ai_error', 'answer 500 server_error');
  const whole = plan({ probes, steps: [step('dark', FAULTED_MS, fault)], ...options.plan });
  const emptied = FIRST_FAULT + FAULTED_MS;
  const journal = new JournalBuilder()
    .add(0, {
      type: 'run-started',
      run: 'run-1',
      plan: whole,
      version: '0.1.0',
      owner: { pid: 1, startTime: '', bootId: '' },
    })
    .add(FIRST_FAULT - 20, { type: 'baseline', healthy: true, windows: [] })
    .add(FIRST_FAULT - 10, {
      type: 'step-intended',
      step: 0,
      name: 'dark',
      epoch: 1,
      faults: [{ id: '1.1', proxy: faultOn, type: 'ai_error' }],
    })
    .add(FIRST_FAULT, { type: 'step-applied', step: 0, epoch: 1 })
    .add(emptied - 5, {
      type: 'step-ended',
      step: 0,
      counts: [counted(fault, 100, 100)],
      injectedMet: true,
    })
    .add(emptied - 2, { type: 'rollback-started', cause: 'finished', reason: 'the last step ended' })
    .add(emptied, { type: 'rollback-emptied', tookMs: 2 })
    .add(emptied + 50, {
      type: 'rollback-proof',
      tookMs: 50,
      proof: { proven: true, empty: true, held: 0, canaries: [], notUndone: [] },
    });
  for (const [since, probe, expectation] of options.left ?? [])
    journal.add(FIRST_FAULT + since, { type: 'left-baseline', probe, expectation, value: 1, baseline: 0 });
  for (const probe of probes) {
    for (let at = 100; at < emptied + 20_000; at += probe.everyMs) {
      const told = options.sample?.(probe, at - FIRST_FAULT) ?? {};
      journal.sample(at, { probe: probe.name, ms: 10, ok: true, ...told });
    }
  }
  const sums = new Map<string, number>();
  for (let at = 500; at < emptied + 20_000; at += 1000) {
    const proxies = whole.proxies.map(({ name }) => {
      const now = options.units?.(name, at - FIRST_FAULT) ?? 10;
      const sum = (sums.get(name) ?? 0) + now;
      sums.set(name, sum);
      return [name, { units: sum, status: { '200': { organic: sum, injected: 0 } } }] as const;
    });
    journal.observation(at, 0, Object.fromEntries(proxies));
  }
  if (recovery !== 'not measured') {
    const afterMs = { 'in time': 4000, late: 90_000, never: null }[recovery];
    journal.add(emptied + 20_500, {
      type: 'recovery',
      recovered: recovery === 'in time',
      afterMs,
      windows: probes.map(({ name, expect }) => ({
        probe: name,
        samples: 40,
        measures: { errorRate: recovery === 'never' ? 0.5 : 0 },
        missed: recovery === 'never' ? expect.map(({ text, measure }) => ({ text, measure })) : [],
      })),
    });
  }
  journal.add(emptied + 21_000, {
    type: 'run-ended',
    verdict: 'held',
    exit: 0,
    sentence: 'held: every expectation held',
  });
  return journal.build();
}

export function shortRun(options: ShortRun = {}): RunView {
  return viewOf(shortJournal(options));
}

/** Whether faults are in force at a time since the first one. */
export function faulted(since: number): boolean {
  return since >= 0 && since < FAULTED_MS;
}

import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { JournalEvent } from '../../src/core/journal.ts';
import type { ClientBehaviour, ProxyObservation } from '../../src/core/observation.ts';
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
  /** What else a proxy shows in the second that begins so many ms after the first fault. */
  readonly seen?: (proxy: string, since: number) => Second;
  readonly faultOn?: string;
  /** `false` for a step without a fault. */
  readonly faults?: boolean;
  readonly left?: readonly (readonly [since: number, probe: string, expectation: string])[];
  readonly recovery?: 'in time' | 'late' | 'never' | 'not measured';
  readonly plan?: Partial<Plan>;
  readonly breach?: boolean;
}

/** One second of a proxy; by default 4 connections are open, and every unit is answered with 200. */
export interface Second {
  /** Share of the units that a fault answers with 500. */
  readonly failing?: number;
  /** Further answers of the upstream itself, by status. */
  readonly organic?: Readonly<Record<string, number>>;
  readonly open?: number;
  readonly opened?: number;
  readonly closed?: number;
  readonly held?: ProxyObservation['held'];
  /** Since the epoch began. */
  readonly clients?: Partial<ClientBehaviour>;
}

/** A histogram of times in ms, as an observation carries it. */
export function histogram(times: readonly number[]): string {
  const built = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 2,
  });
  for (const ms of times) built.recordValue(ms * 1000);
  return encodeIntoCompressedBase64(built);
}

const CALM: ClientBehaviour = {
  failed: 0,
  followed: 0,
  backoff: ['', '', ''],
  longestChain: 1,
  retryAfter: { told: 0, kept: 0, early: 0 },
  abandoned: { count: 0, age: '' },
  truncated: { count: 0, followed: 0 },
  open: 0,
  oldestMs: 0,
  duplicates: 1,
};

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
      faults: options.faults === false ? [] : [{ id: '1.1', proxy: faultOn, type: 'ai_error' }],
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
  observe(journal, options, whole);
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

interface Sums {
  units: number;
  opened: number;
  closed: number;
  readonly status: Record<string, { organic: number; injected: number }>;
}

/** Once a second; the first fault begins an epoch. */
function observe(journal: JournalBuilder, options: ShortRun, { proxies }: Plan): void {
  const sums = new Map<string, Sums>();
  for (let at = 500; at < FIRST_FAULT + FAULTED_MS + 20_000; at += 1000) {
    const since = at - FIRST_FAULT;
    if (since >= 0 && since < 1000) sums.clear();
    const observed = proxies.map(({ name }) => {
      const now = options.seen?.(name, since) ?? {};
      const sum = sums.get(name) ?? { units: 0, opened: 0, closed: 0, status: {} };
      sums.set(name, sum);
      add(sum, options.units?.(name, since) ?? 10, now);
      return [name, proxyObservation(sum, now)] as const;
    });
    journal.observation(at, since < 0 ? 0 : 1, Object.fromEntries(observed));
  }
}

function add(sum: Sums, units: number, { failing = 0, organic = {}, opened = 0, closed = 0 }: Second): void {
  sum.units += units;
  sum.opened += opened;
  sum.closed += closed;
  count(sum, '200', units * (1 - failing), 0);
  count(sum, '500', 0, units * failing);
  for (const [status, times] of Object.entries(organic)) count(sum, status, times, 0);
}

function count({ status }: Sums, name: string, organic: number, injected: number): void {
  const known = status[name] ?? { organic: 0, injected: 0 };
  status[name] = { organic: known.organic + organic, injected: known.injected + injected };
}

function proxyObservation(
  { units, opened, closed, status }: Sums,
  { open = 4, held = { open: 0, longestMs: 0 }, clients }: Second,
): Partial<ProxyObservation> {
  return {
    units,
    status: structuredClone(status),
    connections: { open, new: opened, closed, reset: 0 },
    held,
    ...(clients ? { clients: { ...CALM, ...clients } } : {}),
  };
}

export function shortRun(options: ShortRun = {}): RunView {
  return viewOf(shortJournal(options));
}

/** Whether faults are in force at a time since the first one. */
export function faulted(since: number): boolean {
  return since >= 0 && since < FAULTED_MS;
}

import type { Measure } from '../../core/expectation.ts';
import type { ProbeWindow } from '../../core/journal.ts';
import type { Plan, ProbeSpec } from '../../core/plan.ts';
import { lastOf, ofType, type TimedEvent } from './clock.ts';
import { measure, type TimedSample } from './window.ts';

export interface ProbeView {
  readonly name: string;
  readonly spec: ProbeSpec | undefined;
  readonly samples: readonly TimedSample[];
  /** The measure before the first fault, over the whole baseline; NaN when unknown. */
  baseline(wanted: Measure): number;
  /** The measure at the end of recovery; NaN when unknown. */
  after(wanted: Measure): number;
}

/** Every probe that the plan or a sample names, in the plan's order. */
export function probesOf(
  events: readonly TimedEvent[],
  plan: Plan | undefined,
  firstFaultAt: number | null,
): readonly ProbeView[] {
  const samples = samplesOf(events);
  const names = new Set([...(plan?.probes.map((probe) => probe.name) ?? []), ...samples.keys()]);
  const before = lastOf(events, 'baseline')?.windows ?? [];
  const recovered = lastOf(events, 'recovery')?.windows ?? [];
  return [...names].map((name) => {
    const own = samples.get(name) ?? [];
    const early = firstFaultAt === null ? own : own.filter((sample) => sample.at + sample.ms <= firstFaultAt);
    return {
      name,
      spec: plan?.probes.find((probe) => probe.name === name),
      samples: own,
      baseline: (wanted) => recorded(before, name, wanted) ?? measure(early, wanted),
      after: (wanted) => recorded(recovered, name, wanted) ?? Number.NaN,
    };
  });
}

function recorded(windows: readonly ProbeWindow[], probe: string, wanted: Measure): number | undefined {
  const value = windows.find((window) => window.probe === probe)?.measures[wanted];
  return value === null ? undefined : value;
}

function samplesOf(events: readonly TimedEvent[]): Map<string, TimedSample[]> {
  const all = ofType(events, 'sample');
  // A sample's own clock may have any start; it is written the moment it ends, so the smallest lag is the offset.
  const offset = all.reduce(
    (least, { at, sample }) => Math.min(least, at - sample.mono - sample.ms),
    Number.POSITIVE_INFINITY,
  );
  const byProbe = new Map<string, TimedSample[]>();
  for (const { sample } of all) {
    const { probe, mono, ...rest } = sample;
    const list = byProbe.get(probe) ?? [];
    list.push({ ...rest, at: mono + offset });
    byProbe.set(probe, list);
  }
  for (const list of byProbe.values()) list.sort((a, b) => a.at - b.at);
  return byProbe;
}

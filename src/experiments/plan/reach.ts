import type { Path } from '../../core/document.ts';
import { type Attributes, placeOf } from '../../core/fault.ts';
import type { Reach } from '../../core/limits.ts';
import type { LoadSpec, PlannedFault, PlannedStep, Ramp } from '../../core/plan.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import { type FaultFacts, factsOf } from '../../drivers/catalogue.ts';
import { attributesAt, isRamp } from './faults.ts';
import { loadsOf } from './load.ts';
import { inFile, type PlannedSteps } from './steps.ts';

/** One contribution to the reach, and what in the file makes it. */
export interface Reached {
  readonly measure: keyof Reach;
  readonly value: number;
  readonly path: Path;
}

/** A gate waits at most this many times as long as it asks for. */
export const GATE_PATIENCE = 3;

export const REACH_WORDS: Readonly<Record<keyof Reach, { what: string; format(value: number): string }>> = {
  toxicity: { what: 'the toxicity', format: formatShare },
  proxies: { what: 'the proxies with faults at once', format: String },
  addedLatencyMs: { what: 'the added latency', format: formatDuration },
  durationMs: { what: 'the duration of all steps', format: formatDuration },
  connections: { what: 'the connections of the load', format: String },
  requestsPerSecond: { what: 'the requests per second of the load', format: String },
  runs: { what: 'the runs at once', format: String },
};

/** All that adds to the reach: each is held against the limits by itself. */
export function reached(planned: PlannedSteps, load: LoadSpec | undefined): readonly Reached[] {
  const { steps, places } = planned;
  return [
    ...steps.flatMap((step, index) => {
      const path = ['steps', places[index]!, 'faults'];
      return [
        ...step.faults.map((fault, at) => toxicityOf(fault, [...path, at])),
        ...addedLatencies(step, path),
        { measure: 'proxies' as const, value: new Set(step.faults.map(placeOf)).size, path },
      ];
    }),
    durationOf(steps, places),
    ...loadsOf(load, inFile(planned)).flatMap(({ load: { connections, rate }, path }) => [
      { measure: 'connections' as const, value: connections, path: [...path, 'connections'] },
      { measure: 'requestsPerSecond' as const, value: rate, path: [...path, 'rate'] },
    ]),
    { measure: 'runs', value: 1, path: [] },
  ];
}

/** The highest of each measure; what nothing adds to is 0. */
export function toReach(all: readonly Reached[]): Reach {
  const highest = (measure: keyof Reach) =>
    Math.max(0, ...all.filter((one) => one.measure === measure).map(({ value }) => value));
  return {
    toxicity: highest('toxicity'),
    proxies: highest('proxies'),
    addedLatencyMs: highest('addedLatencyMs'),
    durationMs: highest('durationMs'),
    connections: highest('connections'),
    requestsPerSecond: highest('requestsPerSecond'),
    runs: highest('runs'),
  };
}

function toxicityOf({ toxicity }: PlannedFault, path: Path): Reached {
  const value = Math.max(toxicity.from, toxicity.to);
  const end = toxicity.from === toxicity.to ? [] : [toxicity.to === value ? 'to' : 'from'];
  return { measure: 'toxicity', value, path: [...path, 'toxicity', ...end] };
}

function durationOf(steps: readonly PlannedStep[], places: readonly number[]): Reached {
  const lengths = steps.map(({ durationMs, gateMs = 0 }) => durationMs + GATE_PATIENCE * gateMs);
  const longest = lengths.indexOf(Math.max(...lengths));
  const value = lengths.reduce((sum, length) => sum + length, 0);
  return { measure: 'durationMs', value, path: ['steps', places[longest]!, 'duration'] };
}

/** Delays on one proxy add up. A fault that holds until it is taken back holds for the step at most. */
function addedLatencies(step: PlannedStep, path: Path): readonly Reached[] {
  const byProxy = new Map<string, { sum: number; most: number; path: Path }>();
  for (const [index, fault] of step.faults.entries()) {
    const { value, path: inner } = addedLatency(fault);
    const delay = Math.min(value, step.durationMs);
    if (delay === 0) continue;
    const before = byProxy.get(placeOf(fault)) ?? { sum: 0, most: 0, path: [] };
    const worst = delay > before.most ? { most: delay, path: [...path, index, ...inner] } : before;
    byProxy.set(placeOf(fault), { ...worst, sum: before.sum + delay });
  }
  return [...byProxy.values()].map(({ sum, path: at }) => ({
    measure: 'addedLatencyMs',
    value: sum,
    path: at,
  }));
}

/** The longest delay of a fault, and the attribute that makes most of it. */
function addedLatency({ type, attributes }: PlannedFault): { value: number; path: Path } {
  const definition = factsOf(type)!;
  const ends = (['from', 'to'] as const).map((end) => ({
    end,
    value: delayOf(definition, attributesAt(attributes, end)),
  }));
  const worst = ends[1]!.value >= ends[0]!.value ? ends[1]! : ends[0]!;
  const at = attributesAt(attributes, worst.end);
  const defaults = (definition.attributes.safeParse({}).data ?? {}) as Attributes;
  const without = Object.keys(attributes)
    .filter((name) => name in defaults)
    .map((name) => ({ name, value: delayOf(definition, { ...at, [name]: defaults[name]! }) }))
    .sort((left, right) => left.value - right.value)[0];
  if (!without || without.value >= worst.value) return { value: worst.value, path: [] };
  return {
    value: worst.value,
    path: ['attributes', without.name, ...endOf(attributes[without.name], worst.end)],
  };
}

function endOf(attribute: unknown, end: keyof Ramp): Path {
  return isRamp(attribute) ? [end] : [];
}

function delayOf(definition: FaultFacts, attributes: Attributes): number {
  const { data, success } = definition.attributes.safeParse(attributes);
  return success ? Math.max(0, definition.addedLatency(data)) : 0;
}

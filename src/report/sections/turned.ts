import { placeOf } from '../../core/fault.ts';
import type { PlannedFault, Ramp } from '../../core/plan.ts';
import { formatQuantity } from '../../core/units.ts';
import { factsOf } from '../../drivers/catalogue.ts';
import { numericFields } from '../../experiments/schema/faults.ts';
import type { StepView } from '../../lessons/view/steps.ts';

/** What a step's ramps had come to: `latency about 1.4 s`. */
export function rampedAt({ faults, from, planned }: StepView, at: number): string | null {
  const share = Math.min(1, Math.max(0, (at - (from ?? at)) / (planned?.durationMs || 1)));
  const parts = faults.flatMap((fault) =>
    valuesOf(fault).flatMap(([name, value]) =>
      typeof value === 'object' && value.from !== value.to
        ? [
            `${name} about ${shown(fault, name, Number((value.from + (value.to - value.from) * share).toPrecision(2)))}`,
          ]
        : [],
    ),
  );
  return parts.length > 0 ? parts.join(', ') : null;
}

/** Where two steps differ in one value of one fault, that value in each. */
export function difference(before: StepView, after: StepView): readonly [string, string] | null {
  if (before.faults.length !== after.faults.length) return null;
  const pairs = before.faults.map((fault, index) => [fault, after.faults[index]!] as const);
  if (pairs.some(([a, b]) => a.type !== b.type || placeOf(a) !== placeOf(b))) return null;
  if (pairs.some(([a, b]) => JSON.stringify(a.match) !== JSON.stringify(b.match))) return null;
  const differing = pairs.flatMap(([a, b]) => {
    const other = new Map(valuesOf(b));
    return valuesOf(a).flatMap(([name, value]) =>
      JSON.stringify(value) === JSON.stringify(other.get(name)) ? [] : [{ a, b, name }],
    );
  });
  const [only] = differing;
  if (!only || differing.length > 1) return null;
  const told = (fault: PlannedFault) => {
    const value = new Map(valuesOf(fault)).get(only.name);
    return typeof value === 'object' ? null : `${only.name} ${shown(fault, only.name, value)}`;
  };
  const [a, b] = [told(only.a), told(only.b)];
  return a === null || b === null ? null : [a, b];
}

function valuesOf({ attributes, toxicity }: PlannedFault): (readonly [string, Ramp | string | number])[] {
  const own = Object.entries(attributes).map(([name, value]) => {
    const ramp = value as Partial<Ramp>;
    const isRamp = typeof ramp.from === 'number' && typeof ramp.to === 'number';
    return [
      name,
      isRamp ? (ramp as Ramp) : typeof value === 'number' ? value : JSON.stringify(value),
    ] as const;
  });
  return [...own, ['toxicity', toxicity.from === toxicity.to ? toxicity.from : toxicity] as const];
}

function shown({ type }: PlannedFault, name: string, value: string | number | undefined): string {
  if (typeof value !== 'number') return String(value ?? 'unknown');
  const facts = factsOf(type);
  const unit = facts && numericFields(facts).get(name)?.unit;
  return formatQuantity(value, unit ?? '');
}

import type { Attributes, AttributeValue, FaultSpec } from '../../core/fault.ts';
import type { PlannedFault, PlannedStep, Ramp } from '../../core/plan.ts';
import { factsOf } from '../../drivers/catalogue.ts';

/** A step's faults as they stand `elapsedMs` after its start; ramps are linear and stay at their end. */
export function faultsAt(step: PlannedStep, elapsedMs: number): readonly FaultSpec[] {
  const share = step.durationMs > 0 ? Math.min(1, Math.max(0, elapsedMs / step.durationMs)) : 1;
  return step.faults.map((fault) => faultAt(fault, share));
}

/** Whether anything in a step changes while it lasts. */
export function hasRamps(step: PlannedStep): boolean {
  return step.faults.some(
    (fault) =>
      fault.toxicity.from !== fault.toxicity.to ||
      Object.values(fault.attributes).some((value) => isRamp(value) && value.from !== value.to),
  );
}

function faultAt(fault: PlannedFault, share: number): FaultSpec {
  return {
    id: fault.id,
    ...(fault.driver === undefined ? {} : { driver: fault.driver }),
    proxy: fault.proxy,
    type: fault.type,
    ...(fault.stream ? { stream: fault.stream } : {}),
    toxicity: between(fault.toxicity, share),
    ...(Object.keys(fault.match).length > 0 ? { match: fault.match } : {}),
    attributes: attributesAt(fault, share),
  };
}

function attributesAt(fault: PlannedFault, share: number): Attributes {
  const at = (whole: boolean): Attributes =>
    Object.fromEntries(
      Object.entries(fault.attributes).map(([name, value]): [string, AttributeValue] => {
        if (!isRamp(value)) return [name, value];
        const now = between(value, share);
        return [name, whole ? Math.round(now) : now];
      }),
    );
  const exact = at(false);
  // An attribute that takes whole numbers only says so in its schema.
  const schema = factsOf(fault.type)?.attributes;
  return !schema || schema.safeParse(exact).success ? exact : at(true);
}

function between({ from, to }: Ramp, share: number): number {
  return from + (to - from) * share;
}

function isRamp(value: AttributeValue | Ramp): value is Ramp {
  return typeof value === 'object' && typeof value.from === 'number' && typeof value.to === 'number';
}

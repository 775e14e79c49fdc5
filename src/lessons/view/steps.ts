import type { CountedFault } from '../../core/fault.ts';
import type { Plan, PlannedFault, PlannedStep } from '../../core/plan.ts';
import { ofType, type TimedEvent } from './clock.ts';

export interface StepView {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  readonly planned: PlannedStep | undefined;
  readonly faults: readonly PlannedFault[];
  readonly epoch: number;
  /** When its faults took force; null when the journal ends before. */
  readonly from: number | null;
  /** When they were taken back or replaced; null when the journal ends before. */
  readonly to: number | null;
  /** The newest counts the journal holds. */
  readonly counts: readonly CountedFault[];
  /** Whether each fault met the traffic it was expected to; null when the step never ended. */
  readonly injectedMet: boolean | null;
  /** It ended before its planned duration. */
  readonly cutShort: boolean;
}

/** Whether a step has a load of its own, in place of the run's. */
export function bringsLoad(step: PlannedStep): boolean {
  return 'load' in step && step.load !== undefined;
}

/** The steps that were begun, in order. */
export function stepsOf(
  events: readonly TimedEvent[],
  plan: Plan | undefined,
  emptiedAt: number | null,
): readonly StepView[] {
  const intended = ofType(events, 'step-intended');
  return intended.map((event, index) => {
    const planned = plan?.steps[index]?.name === event.name ? plan.steps[index] : named(plan, event.name);
    const applied = ofType(events, 'step-applied').find((other) => other.epoch === event.epoch);
    const ended = ofType(events, 'step-ended').find((other) => other.step === event.step);
    const next = intended[index + 1];
    const from = applied?.at ?? null;
    const to = ended?.at ?? next?.at ?? emptiedAt;
    return {
      number: index + 1,
      name: event.name,
      planned,
      faults: planned?.faults ?? [],
      epoch: event.epoch,
      from,
      to,
      counts: ended?.counts ?? newestCounts(events, event.epoch),
      injectedMet: ended?.injectedMet ?? null,
      cutShort:
        from !== null && to !== null && planned !== undefined && to - from < planned.durationMs * 0.95 - 250,
    };
  });
}

function named(plan: Plan | undefined, name: string): PlannedStep | undefined {
  return plan?.steps.find((step) => step.name === name);
}

function newestCounts(events: readonly TimedEvent[], epoch: number): readonly CountedFault[] {
  let counts: readonly CountedFault[] = [];
  let current = 0;
  for (const event of events) {
    if (event.type === 'renewed' && event.epoch === epoch) counts = event.faults;
    if (event.type === 'step-applied') {
      if (current === epoch && event.previous && event.epoch !== epoch) counts = event.previous;
      current = event.epoch;
    }
    if (event.type === 'rollback-emptied' && current === epoch && event.previous?.length)
      counts = event.previous;
  }
  return counts;
}

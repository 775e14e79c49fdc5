import type { Path } from '../../core/document.ts';
import type { DriverDeclaration, PlannedStep, ProbeSpec } from '../../core/plan.ts';
import { DRIVER_KINDS } from '../../drivers/catalogue.ts';
import type { StepInput } from '../schema.ts';
import { type FaultPlaces, planFault } from './faults.ts';
import { planLoad } from './load.ts';
import type { Problems } from './problems.ts';
import { gatedAfterSearch, planSearch } from './search.ts';

export interface PlannedSteps {
  readonly steps: readonly PlannedStep[];
  /** For each of them, its place in the file: all tries of a search stand in one. */
  readonly places: readonly number[];
}

/** One step for each that stands in the file: of a search, its first try. */
export function inFile({ steps, places }: PlannedSteps): readonly PlannedStep[] {
  return steps.filter((_, index) => places[index] !== places[index - 1]);
}

export function planSteps(
  steps: readonly StepInput[],
  probes: readonly ProbeSpec[],
  places: FaultPlaces,
  problems: Problems,
): PlannedSteps {
  checkIds(steps, problems);
  checkSearchNames(steps, problems);
  const planned = steps.map((step, index) => planStep(step, index, probes, places, problems));
  return {
    steps: gatedAfterSearch(planned.flat()),
    places: planned.flatMap((of, index) => of.map(() => index)),
  };
}

function planStep(
  step: StepInput,
  index: number,
  probes: readonly ProbeSpec[],
  places: FaultPlaces,
  problems: Problems,
): readonly PlannedStep[] {
  const path = ['steps', index];
  const load = step.load && planLoad(step.load, [...path, 'load'], problems);
  if (step.search && step.load?.thresholds) {
    const reason = 'a search is meant to find what is missed; give thresholds to another step';
    problems.add('INVALID', { reason }, [...path, 'load', 'thresholds']);
  }
  const common = {
    name: step.name,
    durationMs: step.duration,
    ...(step.gate === undefined ? {} : { gateMs: step.gate }),
    ...(load ? { load } : {}),
    injected: step.expect.injected,
  };
  const faults = step.faults.map((fault, at) => {
    checkCounting(step, index, at, places.drivers, problems);
    return { fault, id: idOf(step, index, at), path: [...path, 'faults', at] };
  });
  const search = planSearch(step, probes, path, problems);
  const [searched] = faults;
  if (!search || !searched) {
    return [
      { ...common, faults: faults.map((one) => planFault(one.fault, one.id, one.path, places, problems)) },
    ];
  }
  const fault = planFault(search.fault, searched.id, searched.path, places, problems);
  return Array.from({ length: search.common.of }, (_, tried) => ({
    ...common,
    name: `${step.name}, try ${tried + 1}`,
    faults: [{ ...fault, id: `${fault.id}.${tried + 1}` }],
    search: { ...search.common, number: tried + 1 },
  }));
}

function idOf(step: StepInput, index: number, at: number): string {
  return step.faults[at]!.id ?? `${index + 1}.${at + 1}`;
}

function checkIds(steps: readonly StepInput[], problems: Problems): void {
  const taken = new Map<string, Path>();
  for (const [index, step] of steps.entries()) {
    for (const [at, fault] of step.faults.entries()) {
      const path = ['steps', index, 'faults', at];
      const id = idOf(step, index, at);
      const first = taken.get(id);
      if (first) problems.nameTaken('fault', id, fault.id === undefined ? path : [...path, 'id'], first);
      taken.set(id, path);
    }
  }
}

/** What the tries of a search found is kept by the name of its step. */
function checkSearchNames(steps: readonly StepInput[], problems: Problems): void {
  for (const [index, { name, search }] of steps.entries()) {
    const first = steps.findIndex((other) => other.name === name);
    if (first === index || !(search || steps[first]!.search)) continue;
    problems.nameTaken('step', name, ['steps', index, 'name'], ['steps', first, 'name']);
  }
}

/** A step may not expect injections of a driver that cannot count them. */
function checkCounting(
  step: StepInput,
  index: number,
  at: number,
  drivers: readonly DriverDeclaration[],
  problems: Problems,
): void {
  const driver = drivers.find(({ name }) => name === step.faults[at]!.driver);
  if (!driver || DRIVER_KINDS.get(driver.driver)!.counts || step.expect.injected === 'unproven') return;
  const values = { driver: driver.name, kind: driver.driver, step: step.name };
  problems.add('INJECTED_NOT_COUNTED', values, ['steps', index, 'expect', 'injected']);
}

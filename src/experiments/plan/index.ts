import type { OpenDocument, Path } from '../../core/document.ts';
import type { SourcePlace } from '../../core/errors.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { Reach, SafetyLimits } from '../../core/limits.ts';
import type { DriverDeclaration, Plan, PlannedStep } from '../../core/plan.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { DRIVER_KINDS } from '../../drivers/catalogue.ts';
import { withBurnWindows } from '../../safety/limits/burn-rate.ts';
import type { Experiment, StepInput } from '../schema.ts';
import { planAbortRules } from './abort.ts';
import { planDrivers, type SharedDriver } from './drivers.ts';
import { checkExempt } from './exempt.ts';
import { type FaultPlaces, planFault } from './faults.ts';
import { planLoad } from './load.ts';
import { planProbes } from './probes.ts';
import { nameOf, Problems } from './problems.ts';
import { REACH_WORDS, reached, toReach } from './reach.ts';
import { refusedTargets, type Target, targetsOf } from './targets.ts';
import { planTolerance } from './tolerance.ts';
import { checkVariables } from './variables.ts';

export interface PlanInput {
  readonly document: OpenDocument<Experiment>;
  readonly source: Plan['source'];
  readonly proxies: readonly ProxyDeclaration[];
  /** Where a proxy's upstream is declared. */
  placeOfUpstream(proxy: string): SourcePlace;
  /** Drivers that all experiments share. */
  readonly sharedDrivers?: readonly SharedDriver[];
  readonly control: string;
  readonly limits: SafetyLimits;
}

/**
 * What a run will do. Pure: the same input gives the same plan.
 * @throws FaultlineErrors with the place of everything in the file that cannot be or that the limits do not allow
 */
export function planExperiment(input: PlanInput): Plan {
  const { document, limits, proxies } = input;
  const experiment = document.value;
  const problems = new Problems(document);
  const {
    declared,
    used: drivers,
    placeOfAddress,
  } = planDrivers(document, input.sharedDrivers ?? [], limits, problems);
  if (proxies.length + declared.length === 0) problems.add('NO_PROXIES', {}, []);

  const { baseline, probes: given, tolerate: tolerated } = experiment.steadyState;
  const probes = planProbes(given, baseline, problems);
  const load = experiment.load && planLoad(experiment.load, ['load'], problems);
  const abortWhen = planAbortRules(experiment, limits, probes, problems);
  const tolerate = planTolerance(tolerated, limits, problems);
  const places = { proxies, drivers: declared };
  const steps = planSteps(experiment.steps, places, problems);
  checkExempt(experiment.steps, limits, places, problems);
  checkVariables(document.data, limits, problems);
  checkTargets(targetsOf({ proxies, drivers, probes, load, steps }), input, placeOfAddress, problems);
  // A fault that does not fit is told as that alone: what it would reach is not known.
  problems.throwIfAny();
  const reach = planReach(steps, load, limits, problems);

  return {
    name: experiment.name,
    title: experiment.title ?? experiment.name,
    hypothesis: experiment.hypothesis,
    tags: experiment.tags,
    seed: experiment.seed,
    source: input.source,
    proxies,
    ...(drivers.length > 0 ? { drivers } : {}),
    control: input.control,
    ...(load ? { load } : {}),
    baselineMs: baseline,
    probes,
    abortWhen: abortWhen.map((rule) => withBurnWindows(rule, reach.durationMs)),
    ...(tolerate ? { tolerate } : {}),
    steps,
    recoveryMs: experiment.recovery.within,
    reach,
  };
}

function planSteps(
  steps: readonly StepInput[],
  places: FaultPlaces,
  problems: Problems,
): readonly PlannedStep[] {
  const taken = new Map<string, readonly PropertyKey[]>();
  return steps.map((step, index) => {
    const load = step.load && planLoad(step.load, ['steps', index, 'load'], problems);
    return {
      name: step.name,
      durationMs: step.duration,
      ...(step.gate === undefined ? {} : { gateMs: step.gate }),
      faults: step.faults.map((fault, at) => {
        const path = ['steps', index, 'faults', at];
        const id = fault.id ?? `${index + 1}.${at + 1}`;
        const first = taken.get(id);
        if (first) problems.nameTaken('fault', id, fault.id === undefined ? path : [...path, 'id'], first);
        taken.set(id, path);
        checkCounting(step, index, at, places.drivers, problems);
        return planFault(fault, id, path, places, problems);
      }),
      ...(load ? { load } : {}),
      injected: step.expect.injected,
    };
  });
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

function checkTargets(
  targets: readonly Target[],
  input: PlanInput,
  placeOfDriver: (name: string) => SourcePlace,
  problems: Problems,
): void {
  const { document, limits, placeOfUpstream } = input;
  const file = nameOf(limits);
  const places: Record<Target['what'], (name: string, path?: Path) => SourcePlace> = {
    proxy: placeOfUpstream,
    probe: (name) => {
      const index = document.value.steadyState.probes.findIndex((probe) => probe.name === name);
      return document.placeOf(['steadyState', 'probes', index, kindAt(document, index), 'url']);
    },
    driver: placeOfDriver,
    load: (_, path) => document.placeOf([...path!, 'target']),
  };
  for (const { target, refusal } of refusedTargets(targets, limits)) {
    const code = refusal.why === 'denied' ? 'TARGET_DENIED' : 'TARGET_NOT_ALLOWED';
    const place = places[target.what](target.name, target.path);
    problems.addError(new FaultlineError(code, { ...refusal, limits: file }, place));
  }
}

function kindAt(document: OpenDocument<Experiment>, index: number): string {
  const probe = document.value.steadyState.probes[index];
  return (
    Object.entries(probe ?? {}).find(([, value]) => typeof value === 'object' && 'url' in value)?.[0] ?? ''
  );
}

function planReach(
  steps: Plan['steps'],
  load: Plan['load'],
  limits: SafetyLimits,
  problems: Problems,
): Reach {
  const all = reached(steps, load);
  for (const { measure, value, path } of all) {
    const limit = limits.reach[measure];
    if (value <= limit) continue;
    const { what, format } = REACH_WORDS[measure];
    const values = { measure: what, value: format(value), limit: format(limit), limits: nameOf(limits) };
    problems.add('PAST_LIMIT', values, path);
  }
  problems.throwIfAny();
  return toReach(all);
}

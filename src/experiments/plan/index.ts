import type { OpenDocument, Path } from '../../core/document.ts';
import type { SourcePlace } from '../../core/errors.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { Reach, SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { withBurnWindows } from '../../safety/limits/burn-rate.ts';
import type { Experiment } from '../schema.ts';
import { planAbortRules } from './abort.ts';
import { planDrivers, type SharedDriver } from './drivers.ts';
import { checkExempt } from './exempt.ts';
import { planLoad } from './load.ts';
import { planProbes } from './probes.ts';
import { nameOf, Problems } from './problems.ts';
import { REACH_WORDS, reached, toReach } from './reach.ts';
import { inFile, type PlannedSteps, planSteps } from './steps.ts';
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
  const planned = planSteps(experiment.steps, probes, places, problems);
  checkExempt(experiment.steps, limits, places, problems);
  checkVariables(document.data, limits, problems);
  checkTargets(
    targetsOf({ proxies, drivers, probes, load, steps: inFile(planned) }),
    input,
    placeOfAddress,
    problems,
  );
  // A fault that does not fit is told as that alone: what it would reach is not known.
  problems.throwIfAny();
  const reach = planReach(planned, load, limits, problems);

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
    steps: planned.steps,
    recoveryMs: experiment.recovery.within,
    reach,
  };
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
  planned: PlannedSteps,
  load: Plan['load'],
  limits: SafetyLimits,
  problems: Problems,
): Reach {
  const all = reached(planned, load);
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

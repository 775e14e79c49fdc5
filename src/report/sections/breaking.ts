import type { FaultSpec } from '../../core/fault.ts';
import type { SearchTry } from '../../core/plan.ts';
import { formatQuantity } from '../../core/units.ts';
import { ofType } from '../../lessons/view/clock.ts';
import type { StepView } from '../../lessons/view/steps.ts';
import type { RunView } from '../../lessons/view/view.ts';
import { count } from '../../lessons/words.ts';
import type { BreakingEnd, BreakingPoint, TryRow } from '../findings.ts';
import { inSearch } from './searches.ts';
import { indexOf } from './steps.ts';
import { difference, rampedAt } from './turned.ts';

/** The breaking point of each search, and that of the other steps where they were to hold. */
export function breakingPoints(view: RunView): readonly BreakingPoint[] {
  const names = new Set(view.steps.flatMap(({ planned }) => planned?.search?.name ?? []));
  const other = view.steps.filter(
    ({ planned, faults, from }) => !planned?.search && faults.length > 0 && from !== null,
  );
  return [
    ...[...names].map((name) => ofSearch(view, name)),
    ...(other.length > 0 ? [ofSteps(view, other)] : []),
  ];
}

function ofSearch(view: RunView, name: string): BreakingPoint {
  const steps = view.steps.filter(({ planned }) => planned?.search?.name === name);
  const { attribute, unit, from, to } = steps[0]!.planned!.search!;
  const tries = steps.map((step) => ({ step, row: tryOf(view, step) }));
  const endOf = (found: (typeof tries)[number] | undefined): BreakingEnd | null =>
    found
      ? { step: found.step.number, name: found.step.name, value: `${attribute} ${found.row.value}` }
      : null;
  // Values close in on the breaking point: the last of each kind is the nearest.
  const lastGood = endOf(tries.findLast(({ row }) => row.outcome === 'held'));
  const firstBad = endOf(
    tries.findLast(({ row }) => row.outcome === 'missed' || row.outcome === 'stopped by safety'),
  );
  const answered = ofType(view.events, 'search-ended').some(({ search }) => search === name);
  const span = `from ${formatQuantity(from, unit)} to ${formatQuantity(to, unit)}`;
  return {
    by: 'search',
    sentence: `${sentenceOf(lastGood, firstBad)} (searched ${span} in ${count(tries.length, 'try', 'tries')}${answered ? '' : ', which were cut short'}; it is taken for granted that harsher values break too)`,
    lastGood,
    firstBad,
    tries: tries.map(({ row }) => row),
  };
}

function sentenceOf(lastGood: BreakingEnd | null, firstBad: BreakingEnd | null): string {
  if (firstBad && lastGood) return `It held at ${lastGood.value} and no more at ${firstBad.value}`;
  if (firstBad) return `Not even ${firstBad.value}, the mildest value, held`;
  return lastGood ? `It held up to ${lastGood.value}; nothing broke it` : 'No try came to an end';
}

function tryOf(view: RunView, step: StepView): TryRow {
  const found = ofType(view.events, 'search-try').find((event) => event.step === indexOf(view, step));
  const common = { step: step.number, value: playedValue(view, step, step.planned!.search!) };
  if (found) return { ...common, outcome: found.good ? 'held' : 'missed', missed: found.missed ?? null };
  const breach = view.breach ?? view.boundBreach;
  const stopped = breach && step.from !== null && breach.at >= step.from;
  return {
    ...common,
    outcome: stopped ? 'stopped by safety' : 'not finished',
    missed: stopped ? breach.text : null,
  };
}

function playedValue(view: RunView, { epoch }: StepView, { attribute, unit }: SearchTry): string {
  const [fault] = ofType(view.events, 'step-intended').find((event) => event.epoch === epoch)?.faults ?? [];
  const value = fault && valueIn(fault, attribute);
  return typeof value === 'number' ? formatQuantity(value, unit) : 'unknown';
}

function valueIn({ toxicity, attributes }: FaultSpec, attribute: string): unknown {
  return attribute === 'toxicity' ? (toxicity ?? 1) : attributes?.[attribute];
}

function ofSteps(view: RunView, steps: readonly StepView[]): BreakingPoint {
  const left = view.departures
    .flatMap(({ probe, missed }) => missed.map((one) => ({ probe, ...one })))
    .filter(({ at }) => !inSearch(view, at))
    .sort((a, b) => a.at - b.at)[0];
  const breach = view.breach ?? view.boundBreach;
  const sign =
    left && (!breach || left.at <= breach.at)
      ? { at: left.at, what: `${left.probe} missed ${left.expectation}` }
      : breach && !inSearch(view, breach.at)
        ? { at: breach.at, what: 'a safety limit was breached' }
        : undefined;
  const at = sign ? steps.findLastIndex(({ from }) => from !== null && from <= sign.at) : -1;
  const bad = steps[at];
  if (!sign || !bad) {
    const last = steps.at(-1)!;
    return {
      by: 'steps',
      sentence: `Nothing broke it: ${steps.length === 1 ? 'the one step' : `all ${steps.length} steps`} held`,
      lastGood: { step: last.number, name: last.name, value: null },
      firstBad: null,
      tries: [],
    };
  }
  const good = steps[at - 1];
  const ramped = rampedAt(bad, sign.at);
  const turned = ramped === null && good ? difference(good, bad) : null;
  const lastGood = good ? { step: good.number, name: good.name, value: turned?.[0] ?? null } : null;
  const firstBad = { step: bad.number, name: bad.name, value: ramped ?? turned?.[1] ?? null };
  const named = ({ step, name, value }: BreakingEnd) =>
    `step ${step} "${name}"${value === null ? '' : ` (${value})`}`;
  return {
    by: 'steps',
    sentence: `${lastGood ? `It held in ${named(lastGood)} and` : 'It'} broke in ${named(firstBad)}: ${sign.what}`,
    lastGood,
    firstBad,
    tries: [],
  };
}

import { placeOf } from '../../core/fault.ts';
import type { PlannedFault, PlannedStep } from '../../core/plan.ts';
import { formatShare } from '../../core/units.ts';
import { factsOf } from '../../drivers/catalogue.ts';
import { ofType } from '../../lessons/view/clock.ts';
import type { StepView } from '../../lessons/view/steps.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { InjectionRow, StepFacts } from '../summary.ts';
import type { Seconds } from './base.ts';

export function stepFacts(view: RunView, s: Seconds): readonly StepFacts[] {
  const tried = new Set(ofType(view.events, 'search-try').map(({ step }) => step));
  const begun = view.steps.map((step): StepFacts => {
    const { number, name, from, to, cutShort } = step;
    // A try that ends with what it missed was played to its end.
    const whole = !cutShort || tried.has(indexOf(view, step));
    return {
      number,
      name,
      fromS: from === null ? null : s(from),
      toS: to === null ? null : s(to),
      outcome: !whole || from === null || to === null ? 'cut short' : 'completed',
      faults: step.faults.map((fault) => `${placeOf(fault)}: ${sentenceIn(view, step, fault)}`),
    };
  });
  const skipped = ofType(view.events, 'step-skipped').map(({ step }) => view.plan?.steps[step]);
  const rest = unplayed(view).map(
    (planned, index): StepFacts => ({
      number: begun.length + index + 1,
      name: planned.name,
      fromS: null,
      toS: null,
      outcome: skipped.includes(planned) ? 'left out' : 'not reached',
      faults: planned.faults.map((fault) => `${placeOf(fault)}: ${fault.sentence}`),
    }),
  );
  return [...begun, ...rest];
}

/** A search that has its answer needs no more tries. */
function unplayed(view: RunView): readonly PlannedStep[] {
  const begun = new Set(ofType(view.events, 'step-intended').map(({ step }) => step));
  const answered = new Set(ofType(view.events, 'search-ended').map(({ search }) => search));
  return (view.plan?.steps ?? []).filter(
    ({ search }, index) => !begun.has(index) && !(search && answered.has(search.name)),
  );
}

/** Place of a step in the plan. */
export function indexOf(view: RunView, { epoch }: StepView): number {
  return intentionOf(view, epoch)?.step ?? -1;
}

function intentionOf(view: RunView, epoch: number) {
  return ofType(view.events, 'step-intended').find((event) => event.epoch === epoch);
}

/** A try is planned over the whole span of its search: what it did stands in the faults that were put in force. */
function sentenceIn(view: RunView, { planned, epoch }: StepView, fault: PlannedFault): string {
  if (!planned?.search) return fault.sentence;
  const played = intentionOf(view, epoch)?.faults.find(({ id }) => id === fault.id);
  const facts = factsOf(fault.type);
  const read = facts?.attributes.safeParse(played?.attributes);
  return read?.success ? facts!.explain(read.data) : fault.sentence;
}

export function injectionRows(view: RunView): readonly InjectionRow[] {
  return view.steps.flatMap((step) => {
    const planned = new Map(step.faults.map((fault) => [fault.id, fault]));
    return step.counts.map((count) => {
      const fault = planned.get(count.id);
      return {
        step: step.number,
        stepName: step.name,
        id: count.id,
        type: count.type,
        proxy: count.proxy,
        place: placeOf(count),
        sentence: fault ? sentenceIn(view, step, fault) : count.type,
        toxicity: fault && !step.planned?.search ? toxicityOf(fault) : formatShare(count.toxicity ?? 1),
        matched: count.matched,
        injected: count.injected,
        counted: count.uncounted !== true,
        share: count.matched > 0 ? count.injected / count.matched : null,
        skipped: count.skipped,
        met: step.injectedMet,
      };
    });
  });
}

function toxicityOf({ toxicity: { from, to } }: PlannedFault): string {
  return from === to ? formatShare(from) : `${formatShare(from)} → ${formatShare(to)}`;
}

import { placeOf } from '../../core/fault.ts';
import type { PlannedFault } from '../../core/plan.ts';
import { formatShare } from '../../core/units.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { InjectionRow, StepFacts } from '../summary.ts';
import type { Seconds } from './base.ts';

export function stepFacts(view: RunView, s: Seconds): readonly StepFacts[] {
  const begun = view.steps.map(
    ({ number, name, from, to, faults, cutShort }): StepFacts => ({
      number,
      name,
      fromS: from === null ? null : s(from),
      toS: to === null ? null : s(to),
      outcome: cutShort || from === null || to === null ? 'cut short' : 'completed',
      faults: faults.map(sentenceOf),
    }),
  );
  const rest = (view.plan?.steps ?? []).slice(begun.length).map(
    ({ name, faults }, index): StepFacts => ({
      number: begun.length + index + 1,
      name,
      fromS: null,
      toS: null,
      outcome: 'not reached',
      faults: faults.map(sentenceOf),
    }),
  );
  return [...begun, ...rest];
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
        sentence: fault?.sentence ?? count.type,
        toxicity: fault ? toxicityOf(fault) : formatShare(count.toxicity ?? 1),
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

function sentenceOf(fault: PlannedFault): string {
  return `${placeOf(fault)}: ${fault.sentence}`;
}

function toxicityOf({ toxicity: { from, to } }: PlannedFault): string {
  return from === to ? formatShare(from) : `${formatShare(from)} → ${formatShare(to)}`;
}

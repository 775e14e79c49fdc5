import { EXIT } from '../../core/verdict.ts';
import { ofType } from '../../lessons/view/clock.ts';
import type { RunView } from '../../lessons/view/view.ts';
import { count, list, seconds } from '../../lessons/words.ts';
import type { CascadeFacts, HypothesisFacts, Outcome, Times, VerdictFacts } from '../summary.ts';

export function verdictOf(
  view: RunView,
  hypothesis: HypothesisFacts,
  cascade: CascadeFacts,
  times: Times,
): VerdictFacts {
  const { ended, rollback } = view;
  const outcome = outcomeOf(view);
  return {
    outcome,
    exit: ended?.exit ?? null,
    headline: headlineOf(view, outcome, hypothesis, cascade, times),
    sentence: ended?.sentence ?? 'the journal ends without a verdict',
    interrupted: ended?.interrupted ?? false,
    rollbackProven: rollback ? (rollback.proof?.proven ?? false) : view.firstFaultAt === null ? null : false,
  };
}

function outcomeOf({ ended, events, firstFaultAt }: RunView): Outcome {
  const refused = ofType(events, 'gate-refused').length > 0 || ended?.exit === EXIT.refused;
  if (refused && firstFaultAt === null) return 'refused';
  return ended?.verdict ?? 'unfinished';
}

function headlineOf(
  view: RunView,
  outcome: Outcome,
  hypothesis: HypothesisFacts,
  cascade: CascadeFacts,
  times: Times,
): string {
  const faulted = list(cascade.faulted.map(({ proxy }) => proxy));
  const spread = `${cascade.left.length} of ${count(view.probes.length, 'probe')}`;
  switch (outcome) {
    case 'held':
      return cascade.left.length === 0
        ? `The hypothesis held: ${faulted} failed and no probe left its baseline.`
        : 'The hypothesis held.';
    case 'deviated':
      return hypothesis.outcome === 'missed' && cascade.left.length > 0
        ? `The hypothesis did not hold: with faults on ${faulted}, ${spread} left their baseline.`
        : 'The system did not behave as expected.';
    case 'aborted': {
      const after = times.detectMs === null ? '' : ` after ${seconds(times.detectMs)}`;
      return cascade.left.length === 0
        ? `The safety monitor stopped the run${after}.`
        : `Faults on ${faulted} pushed ${spread} out of their baseline; the safety monitor took them back${after}.`;
    }
    case 'inconclusive':
      return view.ended?.interrupted
        ? 'The run was interrupted: it proves nothing about the hypothesis.'
        : 'The run proves nothing about the hypothesis.';
    case 'refused':
      return 'Nothing was injected: the run was refused.';
    case 'unfinished':
      return 'The run did not end: its journal stops without a verdict.';
  }
}

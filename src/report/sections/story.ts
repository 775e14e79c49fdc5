import type { RunView } from '../../lessons/view/view.ts';
import { clause, count, list, seconds } from '../../lessons/words.ts';
import type { CascadeFacts, RollbackFacts, Summary, Times } from '../summary.ts';

/** A few sentences in which anybody can follow the run. */
export function storyOf(
  view: RunView,
  cascade: CascadeFacts,
  times: Times,
  rollback: RollbackFacts | null,
): Summary['story'] {
  const { faulted, steps } = view;
  if (!faulted) return [];
  const proxies = list(cascade.faulted.map(({ proxy }) => proxy));
  const others = view.proxies.filter((proxy) => !proxy.faulted).map((proxy) => proxy.name);
  const begun = steps.filter((step) => step.from !== null);
  const done = `Faults were put on ${proxies} for ${seconds(faulted.to - faulted.from)}, in ${count(begun.length, 'step')} (${list(begun.map((step) => step.name))})${others.length > 0 ? `; ${list(others)} had none` : ''}.`;
  return [
    { heading: 'What was done', text: done },
    { heading: 'What it did', text: spread(cascade) },
    { heading: 'How it ended', text: ending(times, rollback) },
    ...recovery(times).map((text) => ({ heading: 'What came after', text })),
  ];
}

function spread({ left, suffered, stayed }: CascadeFacts): string {
  const first = left[0];
  if (!first) return 'No probe left its baseline.';
  const last = left.at(-1)!;
  const path =
    left.length === 1
      ? `${first.probe} left its baseline after ${seconds(first.leftS * 1000)}`
      : `First ${first.probe} left its baseline (after ${seconds(first.leftS * 1000)}), ${
          left.length > 2
            ? `then ${list(
                left.slice(1, -1).map((row) => row.probe),
                8,
              )}, `
            : ''
        }and at last ${last.probe} (after ${seconds(last.leftS * 1000)})`;
  const dragged =
    suffered.length > 0
      ? ` The traffic of ${list(suffered.map(({ proxy }) => proxy))}, which had no fault, broke down too.`
      : '';
  const kept = stayed.length > 0 ? ` ${list(stayed)} never left.` : '';
  return `${path}.${dragged}${kept}`;
}

function ending(times: Times, rollback: RollbackFacts | null): string {
  if (!rollback) return 'The journal holds no rollback.';
  const why =
    rollback.cause === 'finished'
      ? 'The steps were played to their end'
      : `The run was stopped: ${clause(rollback.reason)}`;
  const gone =
    times.rollBackMs === null
      ? 'the journal does not say that the faults were taken back'
      : `all faults were gone ${seconds(times.rollBackMs)} later`;
  const proven = rollback.proven
    ? times.proveMs === null
      ? ''
      : `, and that nothing was left was proven after ${seconds(times.proveMs)}`
    : ', but that nothing was left could not be proven';
  return `${why}; ${gone}${proven}.`;
}

function recovery({ recovered, recoverMs, recoverWithinMs }: Times): string[] {
  if (recovered === null) return [];
  const allowed = recoverWithinMs === null ? '' : ` (${seconds(recoverWithinMs)} allowed)`;
  if (!recovered) return [`The system did not recover in time${allowed}.`];
  return recoverMs === null || recoverMs === 0
    ? []
    : [`The system was itself again ${seconds(recoverMs)} after the rollback${allowed}.`];
}

import type { Lesson } from '../../lessons/contract.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { ActionItem } from '../findings.ts';
import type { RollbackFacts } from '../summary.ts';

/** What to do, the gravest first: each with what it rests on, and the command that shows whether it is done. */
export function actionItems(
  view: RunView,
  lessons: readonly Lesson[],
  rollback: RollbackFacts | null,
): readonly ActionItem[] {
  const retest = retestOf(view);
  return [
    ...unproven(rollback),
    ...lessons.flatMap(({ severity, claim, evidence, remedy, nextExperiment }) =>
      severity === 'good'
        ? []
        : [
            {
              severity,
              action: remedy,
              because: claim,
              evidence: evidence[0]!,
              retest,
              next: nextExperiment ?? null,
            },
          ],
    ),
  ];
}

function unproven(rollback: RollbackFacts | null): readonly ActionItem[] {
  if (!rollback || rollback.proven) return [];
  return [
    {
      severity: 'critical',
      action: 'See that no fault is left on the data plane before anything else.',
      because: 'It is not proven that every fault was taken back.',
      evidence: rollback.whyNotProven ?? 'the journal holds no proof',
      retest: 'faultline recover',
      next: null,
    },
  ];
}

/** As it can be pasted into a shell. */
function retestOf({ plan }: RunView): string {
  const file = plan?.source.file || `${plan?.name ?? 'experiment'}.yaml`;
  const plain = /^[\w./@%+=:,-]+$/.test(file);
  return `faultline run ${plain ? file : `'${file.replaceAll("'", "'\\''")}'`}`;
}

import type { RunView } from '../../lessons/view/view.ts';
import { clause } from '../../lessons/words.ts';
import type { RollbackFacts } from '../summary.ts';
import type { Seconds } from './base.ts';

export function rollbackOf({ rollback }: RunView, s: Seconds): RollbackFacts | null {
  if (!rollback) return null;
  const { started, emptied, proof } = rollback;
  return {
    cause: started.cause,
    reason: clause(started.reason),
    by: started.by ?? null,
    startedS: s(started.at),
    emptiedS: emptied ? s(emptied.at) : null,
    provenS: proof?.proven ? s(proof.at) : null,
    proven: proof?.proven ?? false,
    empty: proof?.empty ?? null,
    held: proof?.held ?? null,
    canaries: proof?.canaries ?? [],
    drivers: proof?.drivers ?? [],
    notUndone: proof?.notUndone ?? [],
    whyNotProven: proof?.proven ? null : (proof?.reason ?? 'the journal ends before anything was proven'),
  };
}

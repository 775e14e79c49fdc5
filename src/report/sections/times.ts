import type { RunView } from '../../lessons/view/view.ts';
import type { Times } from '../summary.ts';
import { round } from './base.ts';

export function timesOf(view: RunView): Times {
  const { firstFaultAt, rollback, recovery, departures, plan } = view;
  const breach = view.breach ?? view.boundBreach;
  const cause = breach?.at ?? rollback?.started.at;
  const since = (at: number | undefined, from: number | null | undefined) =>
    at === undefined || from === undefined || from === null ? null : round(at - from);
  return {
    detectMs: since(breach?.at, firstFaultAt),
    firstSignMs: since(departures[0]?.at, firstFaultAt),
    rollBackMs: since(rollback?.emptied?.at, cause),
    proveMs: rollback?.proof?.proven ? since(rollback.proof.at, cause) : null,
    recoverMs: recovery?.afterMs ?? null,
    recoverWithinMs: plan?.recoveryMs ?? null,
    recovered: recovery?.recovered ?? null,
  };
}

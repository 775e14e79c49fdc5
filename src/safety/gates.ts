import { reasonOf } from '../core/reason.ts';
import type { Gate, GateContext } from './gates/gate.ts';
import { approvals, reach } from './gates/reach.ts';
import { environment, killSwitch, manualToxics, open, otherRuns } from './gates/standing.ts';
import { targets } from './gates/targets.ts';

export type { Gate, GateContext } from './gates/gate.ts';

/** In the order in which they are asked; that the file is valid was seen when it was read, that the baseline is healthy comes last. */
export const GATES: readonly Gate[] = [
  environment,
  targets,
  open,
  killSwitch,
  manualToxics,
  otherRuns,
  reach,
  approvals,
];

export type GateOutcome =
  | { readonly gate: string; readonly passed: true; readonly detail: string }
  | { readonly gate: string; readonly passed: false; readonly reason: string };

/** Asks one gate after the other, up to the first that says no. A gate that cannot tell says no. */
export async function* passGates(
  context: GateContext,
  gates: readonly Gate[] = GATES,
): AsyncGenerator<GateOutcome> {
  for (const { name, check } of gates) {
    const answer = await check(context).catch((error: unknown) => ({
      ok: false as const,
      reason: `it cannot be told: ${reasonOf(error)}`,
    }));
    if (!answer.ok) {
      yield { gate: name, passed: false, reason: answer.reason };
      return;
    }
    yield { gate: name, passed: true, detail: answer.detail };
  }
}

import { type Clock, sleep } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { CountedFault, FaultSetState } from '../../core/fault.ts';
import type { RollbackCause } from '../../core/journal.ts';
import type { Plan, PlannedStep } from '../../core/plan.ts';
import { injectedMet } from '../injection.ts';
import type { Journal } from '../journal/index.ts';
import type { FaultSession } from './fault-session.ts';
import { faultsAt } from './ramp.ts';
import { type SteadyState, waitForSteadyState } from './steady-state.ts';
import type { StopLatch } from './stop.ts';

export interface StepsOptions {
  readonly plan: Plan;
  readonly session: FaultSession;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly latch: StopLatch;
  readonly steady: SteadyState;
  /** The first fault is about to come into force. */
  readonly onFirstFault: () => void;
}

export interface StepsPlayed {
  /** The step whose faults are in force; its counts are due when they are taken back. */
  readonly open: number | undefined;
  /** Why nothing was injected: the first set of faults was refused, or could not be recorded. */
  readonly refused?: string;
}

/** Plays the steps of a plan one after the other, until the last one ended or the latch asks to stop. Never rejects. */
export async function playSteps(options: StepsOptions): Promise<StepsPlayed> {
  const { plan, session, journal, clock, latch } = options;
  let open: number | undefined;
  const close = (counts: readonly CountedFault[] | undefined) => {
    if (open !== undefined) endStep(journal, plan, open, counts ?? []);
    open = undefined;
  };

  for (const [index, step] of plan.steps.entries()) {
    try {
      if (step.gateMs !== undefined) {
        if (open !== undefined) close((await session.takeBack()).previous?.faults);
        if (!(await passGate(options, index, step.gateMs))) break;
      }
      if (latch.signal.aborted) break;
      const state = await applyStep(options, index, step);
      const previous = state.previous?.faults;
      close(previous);
      open = index;
      const applied = { type: 'step-applied', step: index, epoch: state.epoch, previous } as const;
      void journal.append(applied, { sync: false });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (index === 0 && isSafelyRefused(error, session)) return { open: undefined, refused: reason };
      latch.request(causeOf(error), `step ${index + 1} "${step.name}" could not begin: ${reason}`);
      break;
    }
    await sleep(clock, step.durationMs, latch.signal);
    if (latch.signal.aborted) break;
  }
  return { open };
}

/** Records a step's end with its counts, as far as they are known. */
export function endStep(journal: Journal, plan: Plan, index: number, counts: readonly CountedFault[]): void {
  void journal.append(
    { type: 'step-ended', step: index, counts, injectedMet: injectedMet(plan.steps[index]!, counts) },
    { sync: false },
  );
}

async function applyStep(
  { session, journal, onFirstFault }: StepsOptions,
  index: number,
  step: PlannedStep,
): Promise<FaultSetState> {
  const faults = faultsAt(step, 0);
  await journal.append(
    { type: 'step-intended', step: index, name: step.name, epoch: session.nextEpoch, faults },
    { sync: true },
  );
  const state = await session.apply(step);
  if (index === 0) onFirstFault();
  return state;
}

/** Nothing can be in force: the act was never asked for, or the data plane said no. */
function isSafelyRefused(error: unknown, session: FaultSession): boolean {
  return session.asked === 0 || (error instanceof FaultlineError && error.code !== 'DATA_PLANE_GONE');
}

function causeOf(error: unknown): RollbackCause {
  const code = error instanceof FaultlineError ? error.code : undefined;
  if (code === 'HALTED') return 'halt';
  return code === 'DATA_PLANE_GONE' ? 'monitor-loss' : 'error';
}

async function passGate(options: StepsOptions, index: number, gateMs: number): Promise<boolean> {
  const { journal, clock, latch, steady } = options;
  void journal.append({ type: 'step-gate', step: index, outcome: 'waiting' }, { sync: false });
  const { reached, waitedMs } = await waitForSteadyState(steady, clock, gateMs, latch.signal);
  if (latch.signal.aborted) return false;
  const outcome = reached ? 'reached' : 'not-reached';
  void journal.append({ type: 'step-gate', step: index, outcome, waitedMs }, { sync: false });
  if (!reached) latch.request('gate', `the steady state did not return at the gate before step ${index + 1}`);
  return reached;
}

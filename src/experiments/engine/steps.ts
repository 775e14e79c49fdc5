import { type Clock, sleep } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { CountedFault, FaultSetState } from '../../core/fault.ts';
import type { RollbackCause } from '../../core/journal.ts';
import type { Plan, PlannedStep } from '../../core/plan.ts';
import { reasonOf } from '../../core/reason.ts';
import type { HealthWatch } from '../../safety/contract.ts';
import { injectedMet } from '../injection.ts';
import type { Journal } from '../journal/index.ts';
import { type FaultSession, StoodStill } from './fault-session.ts';
import { askBefore, type BeforeStep } from './hold.ts';
import type { Loads } from './loads.ts';
import { faultsAt } from './ramp.ts';
import { Searches } from './search.ts';
import { waitForSteadyState } from './steady-state.ts';
import type { StopLatch } from './stop.ts';
import type { Tally } from './tally.ts';

export interface StepsOptions {
  readonly plan: Plan;
  readonly session: FaultSession;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly latch: StopLatch;
  readonly watch: HealthWatch;
  readonly tally: Tally;
  readonly loads: Pick<Loads, 'enter' | 'leave'>;
  readonly beforeStep?: BeforeStep;
  /** The first fault is about to come into force. */
  readonly onFirstFault: () => void;
}

/** How far the steps have come; it is true at any moment, since a rollback does not wait for the player. */
export interface StepsProgress {
  /** The step whose faults are in force; its counts are due when they are taken back. */
  open?: number;
  /** Why nothing was injected: the first set of faults was refused, or could not be recorded. */
  refused?: string;
}

/** Plays the steps of a plan one after the other, until the last one ended or the latch asks to stop. Never rejects. */
export async function playSteps(options: StepsOptions, progress: StepsProgress): Promise<void> {
  const { plan, session, journal, clock, latch, tally, loads } = options;
  const close = (counts: readonly CountedFault[] | undefined) => {
    if (progress.open !== undefined) endStep(journal, plan, progress.open, counts ?? tally.counts);
    progress.open = undefined;
  };

  const takeBack = async () => {
    if (progress.open !== undefined) close((await session.takeBack()).previous?.faults);
  };

  const searches = new Searches();
  for (const [index, planned] of plan.steps.entries()) {
    const step = searches.next(planned);
    if (!step) continue;
    const first = session.asked === 0;
    try {
      if (step.gateMs !== undefined) {
        await takeBack();
        if (!(await passGate(options, index, step.gateMs))) return;
      }
      if (latch.signal.aborted) return;
      if (options.beforeStep) {
        const { beforeStep } = options;
        const hold = { beforeStep, journal, clock, signal: latch.signal, takeBack };
        if ((await askBefore(step, index, hold)) === 'skip') continue;
      }
      if (latch.signal.aborted) return;
      const state = await applyStep(options, index, step, first);
      const previous = state.previous?.faults;
      close(previous);
      progress.open = index;
      tally.renewed(state.faults);
      const applied = { type: 'step-applied', step: index, epoch: state.epoch, previous } as const;
      void journal.append(applied, { sync: false });
    } catch (error) {
      // The rollback is under way already, and has shut the session.
      if (latch.signal.aborted) return;
      const reason = reasonOf(error);
      if (first && isSafelyRefused(error, session, step)) progress.refused = reason;
      else {
        // What a driver had done by then cannot be undone; the rollback brings its counts.
        if (namesDriver(step)) progress.open ??= index;
        latch.request(causeOf(error), `step ${index + 1} "${step.name}" could not begin: ${reason}`);
      }
      return;
    }
    if (!latch.signal.aborted) loads.enter(index);
    if (step.search) await searches.play(step, index, { ...options, signal: latch.signal });
    else await sleep(clock, step.durationMs, latch.signal);
    loads.leave();
  }
}

/** Records a step's end with its counts, as far as they are known. */
export function endStep(journal: Journal, plan: Plan, index: number, counts: readonly CountedFault[]): void {
  void journal.append(
    { type: 'step-ended', step: index, counts, injectedMet: injectedMet(plan.steps[index]!, counts) },
    { sync: false },
  );
}

async function applyStep(
  { session, journal, clock, onFirstFault }: StepsOptions,
  index: number,
  step: PlannedStep,
  first: boolean,
): Promise<FaultSetState> {
  const faults = faultsAt(step, 0);
  const decidedAt = clock.now();
  await journal.append(
    {
      type: 'step-intended',
      step: index,
      name: step.name,
      epoch: session.nextEpoch,
      faults,
      leaseMs: session.leaseMs,
    },
    { sync: true },
  );
  const state = await session.apply(step, decidedAt);
  if (first) onFirstFault();
  return state;
}

/** Nothing can be in force: the act was never asked for, or the data plane said no. */
function isSafelyRefused(error: unknown, session: FaultSession, step: PlannedStep): boolean {
  if (session.asked === 0) return true;
  // Of several faults, a driver may have carried some before another failed.
  if (step.faults.length > 1 && namesDriver(step)) return false;
  return error instanceof FaultlineError && !['DATA_PLANE_GONE', 'NOT_TAKEN_BACK'].includes(error.code);
}

function namesDriver({ faults }: PlannedStep): boolean {
  return faults.some(({ driver }) => driver !== undefined);
}

function causeOf(error: unknown): RollbackCause {
  if (error instanceof StoodStill) return 'monitor-loss';
  const code = error instanceof FaultlineError ? error.code : undefined;
  if (code === 'HALTED') return 'halt';
  return code === 'DATA_PLANE_GONE' ? 'monitor-loss' : 'error';
}

async function passGate(options: StepsOptions, index: number, gateMs: number): Promise<boolean> {
  const { plan, journal, clock, latch, watch } = options;
  const { probes } = plan;
  void journal.append({ type: 'step-gate', step: index, outcome: 'waiting' }, { sync: false });
  const { reached, waitedMs } = await waitForSteadyState({
    watch,
    probes,
    clock,
    forMs: gateMs,
    signal: latch.signal,
  });
  if (latch.signal.aborted) return false;
  const outcome = reached ? 'reached' : 'not-reached';
  void journal.append({ type: 'step-gate', step: index, outcome, waitedMs }, { sync: false });
  if (!reached) latch.request('gate', `the steady state did not return at the gate before step ${index + 1}`);
  return reached;
}

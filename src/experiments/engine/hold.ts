import { type Clock, sleep } from '../../core/clock.ts';
import type { LaunchOrder } from '../../core/launch.ts';
import type { PlannedStep } from '../../core/plan.ts';
import type { Journal } from '../journal/index.ts';

/** Asked before each step: resolves when the step may begin, or says that it is left out. */
export type BeforeStep = NonNullable<LaunchOrder['beforeStep']>;

/** An answer within this time does not hold the step, and steps change in one swap, ms. */
export const MOMENT_MS = 500;

export interface HoldOptions {
  readonly beforeStep: BeforeStep;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
  /** Takes back the faults of the step before, where they are still in force. */
  readonly takeBack: () => Promise<void>;
}

/**
 * Waits for the word of whoever holds the steps. Nobody suffers a fault while people talk: after a moment those of the step
 * before are taken back. Who cannot be asked any more has no objection.
 */
export async function askBefore(
  step: PlannedStep,
  index: number,
  { beforeStep, journal, clock, signal, takeBack }: HoldOptions,
): Promise<'play' | 'skip'> {
  const asked = clock.now();
  let answer: 'play' | 'skip' | undefined;
  const heard = beforeStep({ index, name: step.name }).then(
    (said) => {
      answer = said;
    },
    () => {
      answer = 'play';
    },
  );
  await firstOf(heard, signal, (ends) => sleep(clock, MOMENT_MS, ends));
  if (answer === undefined && !signal.aborted) {
    void journal.append({ type: 'step-held', step: index, outcome: 'waiting' }, { sync: false });
    await takeBack();
    await firstOf(heard, signal);
    const waitedMs = clock.now() - asked;
    if (!signal.aborted)
      void journal.append({ type: 'step-held', step: index, outcome: 'released', waitedMs }, { sync: false });
  }
  if (signal.aborted || answer !== 'skip') return 'play';
  void journal.append({ type: 'step-skipped', step: index }, { sync: false });
  return 'skip';
}

/** Whichever comes first; the others are not waited for. */
async function firstOf(
  heard: Promise<void>,
  signal: AbortSignal,
  wait?: (ends: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
  });
  await Promise.race([heard, aborted, ...(wait ? [wait(over.signal)] : [])]);
  over.abort();
}

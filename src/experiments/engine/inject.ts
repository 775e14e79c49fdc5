import type { CountedFault } from '../../core/fault.ts';
import { BOUND_WORDS, type BoundReading, RunBounds } from '../../safety/bounds/index.ts';
import type { Baseline, HealthWatch, MonitorEvent } from '../../safety/contract.ts';
import { injectionOf, notUndone } from '../injection.ts';
import { nameOf } from '../plan/problems.ts';
import { rollBack } from '../rollback.ts';
import { createFaultSession, type FaultSession } from './fault-session.ts';
import type { Loads } from './loads.ts';
import type { HeldPlane } from './plane.ts';
import type { Run } from './run-context.ts';
import { EMPTIED, startSentinel } from './sentinel.ts';
import { endStep, playSteps, type StepsProgress } from './steps.ts';
import { createTally, type Tally } from './tally.ts';

export interface Injection {
  readonly run: Run;
  readonly plane: HeldPlane;
  readonly session: FaultSession;
  readonly tally: Tally;
  readonly bounds: RunBounds;
  readonly progress: StepsProgress;
}

export function createInjection(run: Run, plane: HeldPlane, seen: number): Injection {
  const { id, plan, limits, clock } = run;
  const session = createFaultSession({
    driver: plane.driver,
    run: id,
    seed: plan.seed,
    leaseMs: limits.monitor.leaseMs,
    exempt: limits.exempt,
    instance: plane.instance,
    seen,
    clock,
  });
  const bounds = new RunBounds({ plan, limits, seen });
  return { run, plane, session, tally: createTally(), bounds, progress: {} };
}

/** Listens to the data plane from now on; the answer ends it. */
export function watchPlane({ run, plane, session, tally, bounds }: Injection): () => void {
  const { clock, latch } = run;
  return startSentinel({
    clock,
    latch,
    session,
    driver: plane.driver,
    instance: plane.instance,
    onObservation(observation) {
      tally.observed(observation);
      run.record({ type: 'observation', observation });
      const reading = bounds.observed(observation);
      // What is seen after the faults were taken back cannot be mended by taking them back.
      if (reading && !session.ended && !latch.signal.aborted) breach(run, reading);
    },
  });
}

/**
 * Plays the steps under the safety monitor, until they are over or something asks to stop. Then the monitor has ended;
 * faults may still be in force.
 */
export async function inject(
  injection: Injection,
  watch: HealthWatch,
  baseline: Baseline,
  loads: Loads,
): Promise<void> {
  const { run, session, tally, progress } = injection;
  const { plan, limits, clock, journal, latch } = run;
  const monitor = run.ports.monitor({
    plan,
    limits,
    watch,
    baseline,
    clock,
    async renew() {
      const state = await session.renew();
      if (state.faults.length > 0) {
        tally.renewed(state.faults);
        run.record({ type: 'renewed', epoch: state.epoch, faults: state.faults });
      }
      return state;
    },
  });
  monitor.onEvent((event) => take(injection, event));
  const onFirstFault = () => {
    if (!latch.signal.aborted) monitor.start();
  };
  const played = playSteps(
    { plan, session, journal, clock, latch, watch, tally, loads, onFirstFault, beforeStep: run.beforeStep },
    progress,
  );
  // A request that hangs, or a disk that does, must not keep the faults in force.
  await Promise.race([played, whenAborted(latch.signal)]);
  monitor.stop();
}

export interface TakenBack {
  /** The data plane that is there now; another one where it had to be restarted. */
  readonly plane: HeldPlane;
  /** When the fault set was empty; the end of the proof where that was never seen. */
  readonly at: number;
}

/** Takes the faults back and proves it. */
export async function takeBack(injection: Injection): Promise<TakenBack> {
  const { run, plane, session, tally, progress } = injection;
  const { plan, limits, clock, journal, latch, ports } = run;
  const closeStep = (counts: readonly CountedFault[] | undefined) => {
    if (progress.open === undefined) return;
    endStep(journal, plan, progress.open, counts ?? tally.counts);
    progress.open = undefined;
  };
  let at: number | undefined;
  const rolledBack = rollBack({
    plane,
    clock,
    canary: ports.canary,
    // After the lease nothing is left in force wherever the data plane lives; one of our own can be stopped sooner.
    patienceMs: plane.restart && !plane.ownIsEmpty ? 2000 : limits.monitor.leaseMs + 1000,
    empty: () => session.end(),
    notUndone: (previous) => {
      closeStep(previous);
      return notUndone(injectionOf(journal.events));
    },
    onEmptied(tookMs, previous) {
      at = clock.now();
      run.record({ type: 'rollback-emptied', tookMs, previous });
      closeStep(previous);
    },
    note: (text) => run.record({ type: 'note', text }),
  });
  // Recorded only now, when the faults are already being taken back.
  const stopped = latch.reason ?? { cause: 'finished', reason: 'all steps were played' };
  run.record({ type: 'rollback-started', ...stopped });
  const { proof, proofMs, plane: now } = await rolledBack;
  run.record({ type: 'rollback-proof', proof, tookMs: proofMs });
  return { plane: now, at: at ?? clock.now() };
}

function breach({ latch, limits, record }: Run, reading: BoundReading): void {
  const { limit, proxy, value, bound } = reading;
  const where = proxy === undefined ? '' : `${proxy}: `;
  const shown = Number(value.toFixed(2));
  const text = `${where}${BOUND_WORDS[limit]} came to ${shown}: ${reading.text}; ${nameOf(limits)} allows ${bound}.`;
  latch.request('breach', text);
  record({ type: 'bound-breached', limit, ...(proxy === undefined ? {} : { proxy }), value, bound, text });
}

function take({ run, session }: Injection, event: MonitorEvent): void {
  const { latch, limits } = run;
  switch (event.kind) {
    case 'breach': {
      const { rule, probe, value, baseline, text } = event;
      latch.request('breach', text);
      run.record({ type: 'breach', rule, probe, value, baseline, text });
      return;
    }
    case 'missing': {
      const { probe, ageMs } = event;
      latch.request('missing', `probe "${probe}" gives no samples any more`);
      run.record({ type: 'missing', probe, ageMs, leadsTo: limits.monitor.onMissing });
      return;
    }
    case 'monitor-loss': {
      // An epoch that is spent although its lease runs was emptied by hand.
      const byHand = event.code === 'EPOCH_SPENT' && !session.leaseOver();
      latch.request(
        event.code === 'HALTED' || byHand ? 'halt' : 'monitor-loss',
        byHand ? EMPTIED : event.reason,
      );
      return;
    }
    case 'left-baseline': {
      const { probe, expectation, value, baseline } = event;
      run.record({ type: 'left-baseline', probe, expectation, value, baseline });
      return;
    }
    case 'returned':
      run.record({ type: 'returned', probe: event.probe, expectation: event.expectation });
      return;
    case 'judging':
      run.record({ type: 'judging', probe: event.probe, tests: event.tests });
      return;
    case 'evidence': {
      const { kind: type, ...figure } = event;
      run.record({ type, ...figure });
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

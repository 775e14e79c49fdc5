import { type Clock, sleep } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { Observation } from '../../core/observation.ts';
import type { FaultDriver } from '../../core/ports.ts';
import { reasonOf } from '../../core/reason.ts';
import type { FaultSession } from './fault-session.ts';
import { repeat, type StopLatch } from './stop.ts';

const LOOK_MS = 500;
const RETRY_MS = 100;

export const EMPTIED = 'the fault set was emptied by somebody else';

export interface SentinelOptions {
  readonly clock: Clock;
  readonly latch: StopLatch;
  readonly driver: FaultDriver;
  readonly instance: string;
  readonly session: FaultSession;
  readonly onObservation: (observation: Observation) => void;
}

/**
 * Looks at the data plane for what should end a run although no probe says so: a halt, a fault set that somebody else
 * emptied, a data plane that is gone or is another one. The answer ends it.
 */
export function startSentinel(options: SentinelOptions): () => void {
  const { clock, latch, driver, instance, session } = options;
  const ending = new AbortController();

  // One late answer on a busy machine is no death; two in a row are.
  const askTwice = async () => {
    try {
      return await driver.state();
    } catch {
      await sleep(clock, RETRY_MS, ending.signal);
      return driver.state();
    }
  };

  const lookAtPlane = async () => {
    const expected = session.inForce;
    try {
      const state = await askTwice();
      if (ending.signal.aborted) return;
      if (state.instance !== instance) {
        latch.request('monitor-loss', 'the data plane was restarted by somebody else');
      } else if (state.halted) {
        latch.request('halt', `halted: ${state.halted.reason}`, state.halted.by);
      } else if (expected !== undefined && session.inForce === expected && state.faults.length === 0) {
        if (session.leaseOver()) latch.request('monitor-loss', 'the lease ran out before it was renewed');
        else latch.request('halt', EMPTIED);
      }
    } catch (error) {
      if (ending.signal.aborted) return;
      const reason = reasonOf(error);
      // A driver beside the data plane names itself.
      const beside = error instanceof FaultlineError && error.code === 'DRIVER_UNREACHABLE';
      latch.request('monitor-loss', beside ? reason : `the data plane is gone: ${reason}`);
    }
  };

  const endLooking = repeat(clock, LOOK_MS, lookAtPlane);

  // A stream that ends is the first sign of a data plane that died; whether it did, it is asked at once.
  const listen = async () => {
    while (!ending.signal.aborted) {
      try {
        for await (const observation of driver.observe(ending.signal)) options.onObservation(observation);
      } catch {
        // What it means is found out below.
      }
      if (ending.signal.aborted) return;
      await lookAtPlane();
      await sleep(clock, LOOK_MS, ending.signal);
    }
  };
  void listen();

  return () => {
    ending.abort();
    endLooking();
  };
}

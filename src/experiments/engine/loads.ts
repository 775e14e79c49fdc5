import type { JournalBody } from '../../core/journal.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, Plan } from '../../core/plan.ts';
import { reasonOf } from '../../core/reason.ts';
import type { LoadRun } from '../../load/index.ts';

/** What a run needs of a load. */
export type RunLoad = Pick<LoadRun, 'pause' | 'resume' | 'stop'>;

/** The run's load, and those of steps that take its place for a while. */
export interface Loads {
  /** A step begins: its own load, if it has one, in place of the run's. */
  enter(step: number): void;
  /** It is over: the run's load again. */
  leave(): void;
  /** Ends all of it, and records what each saw. */
  stop(): Promise<void>;
}

interface LoadsOptions {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly ports: {
    load(spec: LoadSpec, limits: SafetyLimits): RunLoad;
    checkLoad(spec: LoadSpec, limits: SafetyLimits): void;
  };
  record(body: JournalBody): void;
}

/** Starts the run's load. @throws FaultlineError where that of a step could not be started either */
export function startLoads({ plan, limits, ports, record }: LoadsOptions): Loads {
  for (const { load } of plan.steps) if (load) ports.checkLoad(load, limits);
  const base = plan.load && ports.load(plan.load, limits);
  const ending: Promise<void>[] = [];
  let over = false;
  let own: { readonly step: number; readonly load: RunLoad } | undefined;

  async function end(load: RunLoad, step?: number): Promise<void> {
    try {
      record({ type: 'load', ...(step === undefined ? {} : { step }), ...(await load.stop()) });
    } catch (error) {
      record({ type: 'note', text: `the load could not be ended: ${reasonOf(error)}` });
    }
  }

  const loads: Loads = {
    enter(step) {
      const spec = plan.steps[step]!.load;
      if (!spec || over) return;
      base?.pause();
      try {
        own = { step, load: ports.load(spec, limits) };
      } catch (error) {
        record({ type: 'note', text: `the load of step ${step + 1} did not start: ${reasonOf(error)}` });
        base?.resume();
      }
    },
    leave() {
      if (!own) return;
      // Nobody waits for it: the next step's faults come when they are due.
      ending.push(end(own.load, own.step));
      own = undefined;
      base?.resume();
    },
    async stop() {
      over = true;
      loads.leave();
      await Promise.all([...ending, ...(base ? [end(base)] : [])]);
    },
  };
  return loads;
}

import type { Plan } from '../../core/plan.ts';
import type { Crash, CrashKind } from './crash.ts';
import { type CrashOutcome, type PlayOptions, playCrash } from './play.ts';
import { openStage } from './stage.ts';

/** What an SRE fears: each is played in every step, the moment its faults are in force. */
const FEARED: readonly CrashKind[] = [
  'controller killed',
  'controller frozen',
  'data plane killed',
  'control cut',
  'Ctrl-C',
  'halted',
  'stop file',
];

export interface ProofOptions extends Pick<PlayOptions, 'execArgv' | 'writeReports'> {
  /** How late a busy machine may be beyond the lease, ms; default 5 s. */
  readonly slackMs?: number;
  readonly plan: Plan;
  /** Lease of the fault set, ms: what the user's limits say. */
  readonly leaseMs: number;
  /** How many cases are played at a time; default 2. */
  readonly lanes?: number;
  readonly signal?: AbortSignal;
  readonly onOutcome?: (outcome: ProvenCase) => void;
}

export interface ProvenCase extends CrashOutcome {
  /** Name of the step that was played; absent where all of them were. */
  readonly step?: string;
}

export interface Proof {
  /** In the order of the steps. */
  readonly cases: readonly ProvenCase[];
  /** Faults that were not played, since they act on the user's system by another driver. */
  readonly leftOut: readonly string[];
  /** Every case was clean. */
  readonly proven: boolean;
}

/**
 * Plays a plan's own faults on its own kinds of proxies against stand-ins, lets everything that an SRE fears happen in each
 * step, and sees from outside that nothing is left. The user's system, ports and data plane are not touched.
 */
export async function proveRollback(options: ProofOptions): Promise<Proof> {
  const { plan, leaseMs, lanes = 2, slackMs = 5000, signal, onOutcome = () => {} } = options;
  const stage = await openStage({ plan, leaseMs });
  const steps = stage.plan.steps;
  const waiting = [
    { crash: { kind: 'none', at: 'run-ended', nth: 1 } as Crash, steps },
    ...steps.flatMap((step) =>
      FEARED.map((kind) => ({
        crash: { kind, at: 'step-applied', nth: 1 } as Crash,
        steps: [step],
        step: step.name,
      })),
    ),
  ].map((each, index) => ({ ...each, index }));
  const cases: ProvenCase[] = [];
  async function lane(): Promise<void> {
    for (let next = waiting.shift(); next && !signal?.aborted; next = waiting.shift()) {
      const { crash, step, index } = { step: undefined, ...next };
      const outcome = await playCrash({ ...options, stage, crash, steps: next.steps, slackMs });
      cases[index] = { ...outcome, ...(step === undefined ? {} : { step }) };
      onOutcome(cases[index]);
    }
  }
  try {
    if (steps.length > 0) await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await stage.close();
  }
  const played = cases.filter((each) => each !== undefined);
  return {
    cases: played,
    leftOut: plan.steps.flatMap(({ faults }) =>
      faults.filter(({ driver }) => driver !== undefined).map(({ driver, type }) => `${type} by ${driver}`),
    ),
    proven:
      played.length === 1 + steps.length * FEARED.length &&
      played.every(({ reached, problems }) => reached && problems.length === 0),
  };
}

import { inLanes } from '../../core/lanes.ts';
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
  const planned: readonly { readonly crash: Crash; readonly steps: Plan['steps']; readonly step?: string }[] =
    [
      { crash: { kind: 'none', at: 'run-ended', nth: 1 }, steps },
      ...steps.flatMap((step) =>
        FEARED.map((kind) => ({
          crash: { kind, at: 'step-applied' as const, nth: 1 },
          steps: [step],
          step: step.name,
        })),
      ),
    ];
  const play = async ({ crash, steps, step }: (typeof planned)[number]): Promise<ProvenCase> => {
    const outcome = { ...(await playCrash({ ...options, stage, crash, steps, slackMs })), step };
    onOutcome(outcome);
    return outcome;
  };
  let cases: readonly ProvenCase[] = [];
  try {
    if (steps.length > 0) cases = await inLanes(planned, lanes, play, signal);
  } finally {
    await stage.close();
  }
  return {
    cases,
    leftOut: plan.steps.flatMap(({ faults }) =>
      faults.filter(({ driver }) => driver !== undefined).map(({ driver, type }) => `${type} by ${driver}`),
    ),
    proven:
      cases.length === planned.length &&
      cases.every(({ reached, problems }) => reached && problems.length === 0),
  };
}

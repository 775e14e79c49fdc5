import type { Reach, SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { explainPlan } from '../../experiments/explain.ts';
import { REACH_WORDS } from '../../experiments/plan/reach.ts';
import { faultInWords } from './fault-words.ts';

/** What a run would do, before anything is touched. Holds no secret. */
export interface DryRun {
  readonly name: string;
  readonly title: string;
  readonly hypothesis: string;
  readonly steps: readonly {
    readonly name: string;
    readonly durationMs: number;
    /** How long the steady state must stand before it, ms. */
    readonly gateMs: number | null;
    readonly faults: readonly string[];
  }[];
  readonly baselineMs: number;
  readonly recoveryMs: number;
  /** What the steps reach, of what is allowed; without what they do not touch. */
  readonly reach: readonly {
    readonly what: string;
    readonly value: string;
    readonly most: string;
    readonly used: number;
  }[];
  readonly stops: readonly { readonly probe: string; readonly limit: string }[];
  /** What is asked for beyond a bound above which people must approve, and how many of them; null where none is. */
  readonly approvals: { readonly by: number; readonly because: readonly string[] } | null;
  /** Why nothing starts now, in a sentence without a full stop. */
  readonly closed: string | null;
  /** All of it, as `faultline plan` prints it. */
  readonly text: string;
}

export function dryRun(plan: Plan, limits: SafetyLimits, closed: string | undefined): DryRun {
  return {
    name: plan.name,
    title: plan.title,
    hypothesis: plan.hypothesis,
    steps: plan.steps.map(({ name, durationMs, gateMs = null, faults }) => ({
      name,
      durationMs,
      gateMs,
      faults: faults.map(faultInWords),
    })),
    baselineMs: plan.baselineMs,
    recoveryMs: plan.recoveryMs,
    reach: reachOf(plan.reach, limits.reach),
    stops: plan.abortWhen.map(({ probe, text }) => ({ probe, limit: text })),
    approvals: approvalsOf(plan.reach, limits.approvals),
    closed: closed ?? null,
    text: explainPlan(plan, limits),
  };
}

const MEASURES = Object.keys(REACH_WORDS) as (keyof Reach)[];

function reachOf(reach: Reach, most: Reach): DryRun['reach'] {
  return MEASURES.filter((measure) => reach[measure] > 0).map((measure) => {
    const { what, format } = REACH_WORDS[measure];
    return {
      what: what.replace(/^the /, ''),
      value: format(reach[measure]),
      most: format(most[measure]),
      used: reach[measure] / most[measure],
    };
  });
}

function approvalsOf(reach: Reach, asked: SafetyLimits['approvals']): DryRun['approvals'] {
  if (!asked) return null;
  const because = MEASURES.flatMap((measure) => {
    const bound = measure === 'runs' ? undefined : asked.above[measure];
    if (bound === undefined || reach[measure] <= bound) return [];
    const { what, format } = REACH_WORDS[measure];
    return [`${what} is ${format(reach[measure])}, above ${format(bound)}`];
  });
  return because.length > 0 ? { by: asked.by, because } : null;
}

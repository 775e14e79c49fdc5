import { resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import type { AbortRule, Reach, SafetyLimits } from '../core/limits.ts';
import type { Plan } from '../core/plan.ts';
import { formatDuration, formatShare } from '../core/units.ts';
import type { Gate, GateContext } from '../safety/gates/gate.ts';
import { approvals, reach } from '../safety/gates/reach.ts';
import { environment, open, stopFile } from '../safety/gates/standing.ts';
import { type JudgedTarget, judgeTargets, targets } from '../safety/gates/targets.ts';
import { closedBecause, nextOpening } from '../safety/limits/index.ts';
import { nameOf } from './plan/problems.ts';
import { REACH_WORDS } from './plan/reach.ts';

/** One limit: what holds, and who says so. */
export interface LimitInForce {
  /** Its key, as the file writes it: `reach.toxicity`. */
  readonly limit: string;
  readonly value: string;
  /** The file, or `built-in`. */
  readonly source: string;
  /** What the experiment takes of it, and what is left: `60% of 100%: 40% left`. Absent where only a run can tell. */
  readonly margin?: string;
}

/** All limits, and what they mean for an experiment, if one is given. */
export interface Appraisal {
  readonly experiment?: string;
  readonly limits: readonly LimitInForce[];
  readonly abortWhen: readonly { readonly probe: string; readonly rule: string; readonly source: string }[];
  readonly opening: { readonly open: boolean; readonly why?: string; readonly next?: string };
  /** Each host that the experiment touches, and why it may or may not. */
  readonly targets: readonly JudgedTarget[];
  /** The gates that can be asked without a data plane, all of them. */
  readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly detail: string }[];
  /** Whether a run would pass those gates now. */
  readonly passes: boolean;
}

export interface AppraiseOptions {
  readonly limits: SafetyLimits;
  /** Keys that the file sets itself. */
  readonly given: ReadonlySet<string>;
  readonly plan?: Plan;
  readonly approvals?: readonly string[];
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly resolve?: GateContext['resolve'];
}

const STATIC_GATES: readonly Gate[] = [environment, targets, open, stopFile, reach, approvals];

/** What applies, and the margin of an experiment to each limit. Touches no data plane; names are looked up. */
export async function appraise(options: AppraiseOptions): Promise<Appraisal> {
  const { limits, plan, clock = systemClock } = options;
  const sourceOf = (key: string) => (options.given.has(key) ? nameOf(limits) : 'built-in');
  const rules: readonly AbortRule[] = plan?.abortWhen ?? limits.abortWhen;
  const gates = plan ? await askAll(options, plan, clock) : [];
  return {
    ...(plan ? { experiment: plan.source.file } : {}),
    limits: rowsOf(limits, plan).map((row) => ({ ...row, source: sourceOf(row.limit) })),
    abortWhen: rules.map(({ probe, text, source }) => ({
      probe: probe === '*' ? 'any probe' : probe,
      rule: text,
      source: source === 'experiment' ? (plan?.source.file ?? source) : sourceOf('abortWhen'),
    })),
    opening: openingOf(limits, clock.wall()),
    targets: plan ? await judgeTargets(contextOf(options, plan, clock)) : [],
    gates,
    passes: gates.every(({ passed }) => passed),
  };
}

async function askAll(options: AppraiseOptions, plan: Plan, clock: Clock): Promise<Appraisal['gates']> {
  const context = contextOf(options, plan, clock);
  const answers = STATIC_GATES.map(async ({ name, check }) => {
    const answer = await check(context).catch((error: Error) => ({
      ok: false as const,
      reason: `it cannot be told: ${error.message}`,
    }));
    return { gate: name, passed: answer.ok, detail: answer.ok ? answer.detail : answer.reason };
  });
  return Promise.all(answers);
}

function contextOf(options: AppraiseOptions, plan: Plan, clock: Clock): GateContext {
  const { limits, cwd, approvals = [] } = options;
  const nobody = () => Promise.reject(new Error('no data plane is asked'));
  return {
    plan,
    limits,
    clock,
    approvals,
    environment: options.environment,
    ...(options.resolve ? { resolve: options.resolve } : {}),
    stopFile: resolve(cwd, limits.stopFile),
    run: '',
    otherRuns: nobody,
    driver: { state: nobody, manualToxics: nobody },
  };
}

type Row = Omit<LimitInForce, 'source'>;

function rowsOf(limits: SafetyLimits, plan: Plan | undefined): readonly Row[] {
  const { environment, targets, env, exempt, monitor, windows, freezes, approvals, spend, stopFile } = limits;
  const all = (values: readonly string[]) => values.join(', ') || 'none';
  const duringRun = plan ? { margin: 'watched during the run' } : {};
  return [
    { limit: 'environment', value: `"${environment.name}", of those allowed: ${all(environment.allowed)}` },
    { limit: 'targets.allow', value: `private and loopback addresses; public: ${all(targets.allow)}` },
    { limit: 'targets.deny', value: all(targets.deny) },
    { limit: 'env', value: all(env) },
    ...(Object.keys(REACH_WORDS) as (keyof Reach)[]).map((key) => reachRow(key, limits, plan)),
    { limit: 'exempt.headers', value: all(Object.keys(exempt.headers)) },
    { limit: 'exempt.clients', value: all(exempt.clients) },
    { limit: 'monitor.lease', value: formatDuration(monitor.leaseMs) },
    { limit: 'monitor.falseAbort', value: formatShare(monitor.falseAbort) },
    { limit: 'monitor.onMissing', value: monitor.onMissing },
    { limit: 'monitor.onMonitorLoss', value: monitor.onMonitorLoss },
    {
      limit: 'windows',
      value:
        windows.map(({ days, from, to, zone }) => `${days} ${from}-${to} ${zone}`).join('; ') || 'always',
    },
    { limit: 'freezes', value: all(freezes.map(({ from, to, zone }) => `${from} to ${to} ${zone}`)) },
    {
      limit: 'approvals',
      value: approvals ? `${approvals.by} above ${aboveWords(approvals.above)}` : 'none',
    },
    { limit: 'spend.retryAmplification', value: String(spend?.retryAmplification ?? 'none'), ...duringRun },
    { limit: 'spend.extraRequests', value: String(spend?.extraRequests ?? 'none'), ...duringRun },
    { limit: 'stopFile', value: stopFile },
  ];
}

/** Keys of the file where they differ from those of a plan. */
const FILE_KEYS: Partial<Record<keyof Reach, string>> = {
  addedLatencyMs: 'addedLatency',
  durationMs: 'duration',
};

function reachRow(key: keyof Reach, limits: SafetyLimits, plan: Plan | undefined): Row {
  const { format } = REACH_WORDS[key];
  const most = limits.reach[key];
  const limit = `reach.${FILE_KEYS[key] ?? key}`;
  if (!plan) return { limit, value: format(most) };
  const used = plan.reach[key];
  return {
    limit,
    value: format(most),
    margin: `${format(used)} of ${format(most)}: ${format(most - used)} left`,
  };
}

function aboveWords(above: Partial<Reach>): string {
  return (Object.entries(above) as [keyof Reach, number][])
    .map(
      ([key, value]) => `${REACH_WORDS[key].what.replace(/^the /, '')} of ${REACH_WORDS[key].format(value)}`,
    )
    .join(', ');
}

function openingOf(limits: SafetyLimits, now: number): Appraisal['opening'] {
  const why = closedBecause(limits, now);
  if (why === undefined) return { open: true };
  const next = nextOpening(limits, now);
  const zone = limits.windows[0]?.zone ?? limits.freezes[0]?.zone ?? 'UTC';
  return { open: false, why, ...(next === undefined ? {} : { next: inZone(next, zone) }) };
}

/** `2026-11-23 09:00 Europe/Rome` */
function inZone(wallMs: number, zone: string): string {
  const shown = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(wallMs);
  return `${shown} ${zone}`;
}

import { relative, resolve } from 'node:path';
import { openDocument } from '../../core/document.ts';
import type { Reach, SafetyLimits } from '../../core/limits.ts';
import { findUpwards, readBytes } from '../../proxy/files.ts';
import { toAbortRule } from './abort-rule.ts';
import { DEFAULT_LIMITS } from './defaults.ts';
import { type SafetyLimitsFile, safetyLimitsSchema } from './schema.ts';
import { toleranceOf } from './tolerance.ts';

export { closedBecause, closesWithin, isOpen, nextOpening } from './open.ts';
export { hostsOf, isName, permissionOf, type Refusal, refuseAddress, refuseTarget } from './targets.ts';

const FILE_NAME = 'safety-limits.yaml';

/**
 * The limits of `file`; without one, of the `safety-limits.yaml` in `folder`, else in a folder above, else in the current one,
 * else the built-in ones. What a file leaves out is as the built-in limits have it.
 * @throws FaultlineError FILE_NOT_FOUND
 * @throws FaultlineErrors with the place of each problem
 */
export function loadLimits(options: LimitsPlace = {}): SafetyLimits {
  const path = findLimits(options);
  if (path === undefined) return DEFAULT_LIMITS;
  return parseLimits(readBytes(path).toString(), shownPath(path, options));
}

/** Which limits the same file sets itself, as `reach.toxicity`; of lists and maps of names only their own key. @throws as `loadLimits` */
export function limitsGiven(options: LimitsPlace = {}): ReadonlySet<string> {
  const path = findLimits(options);
  if (path === undefined) return new Set();
  const file = shownPath(path, options);
  const { data } = openDocument({ text: readBytes(path).toString(), file, schema: safetyLimitsSchema });
  const keys = Object.entries(data as object).flatMap(([key, value]) => [
    key,
    ...(isMap(value) ? Object.keys(value).map((inner) => `${key}.${inner}`) : []),
  ]);
  return new Set(keys);
}

interface LimitsPlace {
  readonly file?: string;
  readonly folder?: string;
  readonly cwd?: string;
}

function findLimits({ file, folder, cwd = process.cwd() }: LimitsPlace): string | undefined {
  return file === undefined ? findUpwards(FILE_NAME, folder ?? cwd, cwd) : resolve(cwd, file);
}

function shownPath(path: string, { cwd = process.cwd() }: LimitsPlace): string {
  return relative(cwd, path) || path;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the text of a `safety-limits.yaml`; `file` names it in errors. @throws FaultlineErrors */
export function parseLimits(text: string, file: string): SafetyLimits {
  return { ...toLimits(openDocument({ text, file, schema: safetyLimitsSchema }).value), file };
}

function toLimits(given: SafetyLimitsFile): SafetyLimits {
  const { environment, targets, env, reach, exempt, monitor } = DEFAULT_LIMITS;
  return {
    environment: given.environment ?? environment,
    targets: given.targets ?? targets,
    env: given.env ?? env,
    reach: { ...reach, ...toReach(given.reach ?? {}) },
    exempt: given.exempt ?? exempt,
    abortWhen: given.abortWhen?.map((rule) => toAbortRule(rule, 'safety-limits')) ?? DEFAULT_LIMITS.abortWhen,
    monitor: {
      leaseMs: given.monitor?.lease ?? monitor.leaseMs,
      falseAbort: given.monitor?.falseAbort === 'off' ? 0 : (given.monitor?.falseAbort ?? monitor.falseAbort),
      tolerate: toleranceOf(given.monitor?.tolerate, monitor.tolerate),
      onMissing: given.monitor?.onMissing ?? monitor.onMissing,
      onMonitorLoss: given.monitor?.onMonitorLoss ?? monitor.onMonitorLoss,
    },
    windows: given.windows ?? DEFAULT_LIMITS.windows,
    freezes: given.freezes ?? DEFAULT_LIMITS.freezes,
    ...(given.approvals
      ? { approvals: { above: toReach(given.approvals.above), by: given.approvals.by } }
      : {}),
    ...(given.spend ? { spend: given.spend } : {}),
    stopFile: given.stopFile ?? DEFAULT_LIMITS.stopFile,
  };
}

function toReach(given: NonNullable<SafetyLimitsFile['reach']>): Partial<Reach> {
  const { addedLatency, duration, ...same } = given;
  const all = { ...same, addedLatencyMs: addedLatency, durationMs: duration };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

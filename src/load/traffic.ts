import type { LoadScenario, LoadSpec, LoadStage, LoadThreshold, LoadTraffic } from '../core/plan.ts';
import type { Profile } from './profiles/contract.ts';
import { profileOf } from './profiles/index.ts';
import type { LoadFile } from './schema.ts';
import { peakOf } from './stages.ts';

export type TrafficInput = Omit<LoadFile, 'target' | 'thresholds' | 'metrics'> & {
  readonly target: string;
  readonly thresholds?: LoadFile['thresholds'];
};

const THINK = { from: 1000, to: 2000 };
const ANSWER_WITHIN_MS = 30_000;
/** Enough for any rate that this side can keep; more are asked for by `connections`. */
const MOST_CONNECTIONS = 1000;
const FEWEST_CONNECTIONS = 10;

/** Whether an input asks for traffic, and not for a steady rate. */
export function asksForTraffic(input: Partial<TrafficInput>): boolean {
  return input.profile !== undefined || input.stages !== undefined || input.scenarios !== undefined;
}

/**
 * A load with traffic: a profile, what the file says in its place, or both. What the file leaves out is the profile's.
 * @throws FaultlineError UNKNOWN_PROFILE
 * @throws InvalidTraffic where its parts do not fit
 */
export function toTraffic(input: TrafficInput): LoadSpec {
  const profile = input.profile === undefined ? undefined : profileOf(input.profile);
  const stages = stagesOf(input, profile);
  const scenarios = scenariosOf(input, profile);
  const traffic: LoadTraffic = {
    profile: profile?.name ?? 'own',
    stages,
    thinkMs: input.think ?? profile?.think ?? THINK,
    scenarios,
    thresholds: input.thresholds ? thresholdsOf(input.thresholds) : thresholdsThatFit(profile, input),
    timeScale: input.timeScale ?? 1,
    timeoutMs: input.answerWithin ?? ANSWER_WITHIN_MS,
    seed: input.seed ?? 1,
  };
  check(traffic, input.target);
  return { target: input.target, ...most(traffic, input.connections), requests: [], traffic };
}

/** Parts of a load that do not fit together. */
export class InvalidTraffic extends Error {
  /** Which part it is about. */
  readonly key: keyof LoadFile;

  constructor(key: keyof LoadFile, message: string) {
    super(message);
    this.key = key;
  }
}

function stagesOf({ stages, users, timeScale = 1 }: TrafficInput, profile?: Profile): readonly LoadStage[] {
  const given: Profile['stages'] | undefined =
    stages?.map((stage, index) => ({
      name: stage.name ?? `stage ${index + 1}`,
      durationMs: stage.for,
      counts: stage.users ? 'users' : 'rate',
      level: (stage.users ?? stage.rate)!,
    })) ?? profile?.stages;
  if (!given) throw new InvalidTraffic('stages', 'it needs a profile, or stages of its own');
  const peak = peakOf(given);
  if (peak === 0) throw new InvalidTraffic('stages', 'every stage has a level of 0');
  const factor = users === undefined ? 1 : users / peak;
  const scaled = (level: number, { counts }: LoadStage) =>
    counts === 'users' && level > 0 ? Math.max(1, Math.round(level * factor)) : level * factor;
  return given.map(({ fixed, ...stage }) => ({
    ...stage,
    durationMs: fixed ? stage.durationMs : stage.durationMs / timeScale,
    level: { from: scaled(stage.level.from, stage), to: scaled(stage.level.to, stage) },
  }));
}

function scenariosOf({ scenarios }: TrafficInput, profile?: Profile): readonly LoadScenario[] {
  const given =
    scenarios?.map(({ requests, ...scenario }) => ({
      ...scenario,
      requests: requests.map(({ expect, ...request }) => ({ ...request, check: expect })),
    })) ?? profile?.scenarios;
  if (!given) throw new InvalidTraffic('scenarios', 'it needs a profile, or scenarios of its own');
  return given;
}

/** A profile's thresholds on parts that the file has replaced say nothing about the file's. */
function thresholdsThatFit(profile: Profile | undefined, input: TrafficInput): readonly LoadThreshold[] {
  return (profile?.thresholds ?? []).filter(
    ({ scenario, stage }) =>
      (scenario === undefined || input.scenarios === undefined) &&
      (stage === undefined || input.stages === undefined),
  );
}

function thresholdsOf(given: NonNullable<LoadFile['thresholds']>): readonly LoadThreshold[] {
  return given.flatMap(({ scenario, stage, against, ratio, ...bounds }) => {
    const of = { ...(scenario === undefined ? {} : { scenario }), ...(stage === undefined ? {} : { stage }) };
    return [
      ...Object.values(bounds).flatMap((expect) => (expect ? [{ ...of, expect }] : [])),
      ...(ratio && against !== undefined ? [{ ...of, against, expect: ratio }] : []),
    ];
  });
}

function check({ stages, scenarios, thresholds }: LoadTraffic, target: string): void {
  if (new Set(stages.map(({ counts }) => counts)).size > 1) {
    throw new InvalidTraffic('stages', 'give all of them users, or all of them a rate');
  }
  for (const [key, names] of [
    ['stages', stages.map(({ name }) => name)],
    ['scenarios', scenarios.map(({ name }) => name)],
  ] as const) {
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) throw new InvalidTraffic(key, `two of them are named "${twice}"`);
  }
  for (const { scenario, stage, against } of thresholds) {
    const [kind, known] =
      stage === undefined ? (['scenario', scenarios] as const) : (['stage', stages] as const);
    for (const name of [scenario, stage, against]) {
      if (name === undefined || known.some((one) => one.name === name)) continue;
      throw new InvalidTraffic('thresholds', `there is no ${kind} "${name}"`);
    }
  }
  const redis = /^rediss?:/.test(target);
  const odd = scenarios.find(({ requests }) => requests.some((one) => (one.command !== undefined) !== redis));
  if (odd) {
    const why = redis
      ? 'has no Redis command, and the target is a Redis'
      : 'has a Redis command, and the target is none';
    throw new InvalidTraffic('scenarios', `scenario "${odd.name}" ${why}`);
  }
}

/** How much it can come to at any time, for the limits. */
function most(
  { stages, scenarios, thinkMs }: LoadTraffic,
  connections?: number,
): Pick<LoadSpec, 'connections' | 'rate'> {
  const peak = peakOf(stages);
  if (stages[0]!.counts === 'users') {
    return { connections: Math.ceil(peak), rate: Math.ceil((peak * 1000) / thinkMs.from) };
  }
  const longest = Math.max(...scenarios.map(({ requests }) => requests.length));
  const enough = Math.min(MOST_CONNECTIONS, Math.max(FEWEST_CONNECTIONS, Math.ceil(peak)));
  return { connections: connections ?? enough, rate: Math.ceil(peak * longest) };
}

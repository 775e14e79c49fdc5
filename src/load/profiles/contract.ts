import { type Measure, parseExpectation, parseRelativeExpectation } from '../../core/expectation.ts';
import type { LoadScenario, LoadStage, LoadThreshold, Ramp, ScenarioRequest } from '../../core/plan.ts';
import { parseDuration } from '../../core/units.ts';

/** A load that people know by its name. */
export interface Profile {
  readonly name: string;
  /** What it plays, in a sentence without a full stop. */
  readonly sentence: string;
  readonly stages: readonly ProfileStage[];
  readonly think: Ramp;
  readonly scenarios: readonly LoadScenario[];
  readonly thresholds: readonly LoadThreshold[];
}

export interface ProfileStage extends LoadStage {
  /** A time scale leaves it alone: how much comes at once is what it is about. */
  readonly fixed?: boolean;
}

export function users(name: string, time: string, from: number, to = from): ProfileStage {
  return { name, durationMs: parseDuration(time), counts: 'users', level: { from, to } };
}

export function rate(name: string, time: string, from: number, to = from): ProfileStage {
  return { name, durationMs: parseDuration(time), counts: 'rate', level: { from, to } };
}

/** Seconds. */
export function think(from: number, to: number): Ramp {
  return { from: from * 1000, to: to * 1000 };
}

/** Thresholds as a file writes them: `{ p95: '< 3s' }`. */
export function must(
  bounds: Partial<Record<Measure, string>>,
  of: Pick<LoadThreshold, 'scenario' | 'stage'> = {},
): readonly LoadThreshold[] {
  return Object.entries(bounds).map(([measure, bound]) => ({
    ...of,
    expect: parseExpectation(measure as Measure, bound),
  }));
}

/** A factor of another scenario or stage: `p95 < 1.5x`. */
export function mustBeside(
  of: Pick<LoadThreshold, 'scenario' | 'stage'>,
  against: string,
  ratio: string,
): LoadThreshold {
  return { ...of, against, expect: parseRelativeExpectation(ratio) };
}

export function get(path: string, rest: Partial<ScenarioRequest> = {}): ScenarioRequest {
  return { method: 'GET', path, headers: {}, check: {}, save: {}, ...rest };
}

export function send(
  method: string,
  path: string,
  body: string,
  rest: Partial<ScenarioRequest> = {},
): ScenarioRequest {
  return get(path, { method, body, ...rest });
}

export function command(...words: string[]): ScenarioRequest {
  return get('/', { command: words });
}

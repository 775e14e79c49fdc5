import type { LoadStage } from '../core/plan.ts';

/** All stages together, ms. */
export function totalMs(stages: readonly LoadStage[]): number {
  return stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** Index of the stage at `ms` after the beginning; after the end the last one goes on. */
export function stageAt(stages: readonly LoadStage[], ms: number): number {
  let end = 0;
  for (const [index, { durationMs }] of stages.entries()) {
    end += durationMs;
    if (ms < end) return index;
  }
  return stages.length - 1;
}

/** Users, or scenarios begun a second, that are asked for at `ms` after the beginning. */
export function levelAt(stages: readonly LoadStage[], ms: number): number {
  const index = stageAt(stages, ms);
  const { level, durationMs } = stages[index]!;
  const share = Math.min(1, (ms - totalMs(stages.slice(0, index))) / durationMs);
  return level.from + (level.to - level.from) * share;
}

/** The highest level of any stage. */
export function peakOf(stages: readonly LoadStage[]): number {
  return Math.max(0, ...stages.flatMap(({ level }) => [level.from, level.to]));
}

/**
 * When each scenario of an open rate is due, ms after the beginning, in order; after the last stage its end's rate goes on.
 * Evenly spaced, not drawn: the k-th is due where the integral of the rate reaches k − ½. In a stage from rate a to b over
 * time D that integral is a·t + (b − a)·t² / 2D, solved for t in the form 2x / (a + √(a² + 4qx)) that does not cancel out
 * for rates that hardly change.
 */
export function* arrivalsOf(stages: readonly LoadStage[]): Generator<number, void> {
  let wanted = 0.5;
  let begin = 0;
  let before = 0;
  for (const { level, durationMs } of stages) {
    const [from, to] = [level.from / 1000, level.to / 1000];
    const bend = (to - from) / (2 * durationMs);
    const whole = ((from + to) / 2) * durationMs;
    for (; wanted <= before + whole; wanted++) {
      const missing = wanted - before;
      const root = Math.sqrt(Math.max(0, from * from + 4 * bend * missing));
      yield begin + Math.min(durationMs, (2 * missing) / (from + root));
    }
    before += whole;
    begin += durationMs;
  }
  const last = (stages.at(-1)?.level.to ?? 0) / 1000;
  if (!(last > 0)) return;
  for (; ; wanted++) yield begin + (wanted - before) / last;
}

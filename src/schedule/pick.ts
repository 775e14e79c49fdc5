import { seededUnit } from '../core/hash.ts';
import type { Schedule } from './contract.ts';

/** How long after `due` (ms) an occurrence starts. The same for every controller and after every restart. */
export function jitterOf({ name, jitterMs }: Schedule, due: number): number {
  return Math.floor(seededUnit('jitter', name, due) * jitterMs);
}

/**
 * Which experiment an occurrence starts. Drawn by the occurrence's time, so that every controller draws the same.
 * @param turn how many occurrences this schedule has started before
 */
export function experimentOf({ name, experiments, pick }: Schedule, due: number, turn: number): string {
  const index =
    pick === 'random'
      ? Math.floor(seededUnit('pick', name, due) * experiments.length)
      : turn % experiments.length;
  return experiments[index]!;
}

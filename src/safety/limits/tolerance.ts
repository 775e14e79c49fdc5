import { z } from 'zod';
import { parsed } from '../../core/fields.ts';
import type { Tolerance } from '../../core/limits.ts';

/** How much worse than its baseline a probe may be; what is left out stays as it is. */
export const toleranceSchema = z.strictObject({
  errorRate: factorField(
    'Factor by which the rate of failed samples may grow, such as 1.5x; one point of a hundred more is always tolerated.',
  ).optional(),
  latency: factorField(
    'Factor by which latencies may grow, such as 1.25x; 20 ms more are always tolerated.',
  ).optional(),
});

type GivenTolerance = z.output<typeof toleranceSchema>;

/** What is given, and the rest of `base`. */
export function toleranceOf(given: GivenTolerance | undefined, base: Tolerance): Tolerance {
  return { errorRate: given?.errorRate ?? base.errorRate, latency: given?.latency ?? base.latency };
}

function factorField(description: string) {
  return parsed('a factor such as 1.5x', [z.number(), z.string()], parseFactor, { description });
}

function parseFactor(value: string | number): number {
  const factor = Number(/^(\d+(?:\.\d+)?)x?$/.exec(String(value).trim())?.[1]);
  if (factor >= 1 && factor <= 1000) return factor;
  throw new Error(`"${value}" is not a factor from 1x to 1000x: write it as 1.5x`);
}

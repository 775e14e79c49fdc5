import type { FaultSpec } from '../../core/fault.ts';
import type { AdminFaultFacts } from './fault.ts';

/** Why a fault cannot be narrowed as it is asked to be; undefined when it can. */
export function whyUnable(
  { shares }: Pick<AdminFaultFacts, 'shares'>,
  { match = {}, toxicity = 1 }: Pick<FaultSpec, 'match' | 'toxicity'>,
): string | undefined {
  const [key] = Object.keys(match);
  if (key !== undefined) return `it cannot match on "${key}"; its attributes narrow it`;
  if (!shares && toxicity !== 1) return 'it acts wholly or not at all, so its toxicity is 100%';
  return undefined;
}

import { placeOf } from '../../core/fault.ts';
import type { PlannedFault } from '../../core/plan.ts';
import { formatShare } from '../../core/units.ts';

/** `openai: answer 500 server_error (on 10% → 60%)`; the share stands there where it is not all. */
export function faultInWords(fault: PlannedFault): string {
  const { from, to } = fault.toxicity;
  const share = from === to ? formatShare(from) : `${formatShare(from)} → ${formatShare(to)}`;
  return `${placeOf(fault)}: ${fault.sentence}${from === 1 && to === 1 ? '' : ` (on ${share})`}`;
}

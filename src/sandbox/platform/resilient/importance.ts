import { priority, tierOf, type WorkKind } from './priority.ts';

export type Importance = 'high' | 'medium' | 'low';

const KINDS: readonly (readonly [RegExp, WorkKind])[] = [
  [/\b(draft|write|prepare|reply)\b/i, 'deliverable'],
  [/\b(list|plan|run)\b/i, 'execution'],
  [/\b(review|check)\b/i, 'quality'],
  [/\b(summari[sz]e|compare|consolidate)\b/i, 'consolidation'],
];
const HIGH = 60;
const MEDIUM = 50;

/** By rules alone, where no AI can be asked: by the customer's tier, and by the kind of work that the title names. */
export function importanceOf(task: { readonly title: string; readonly plan: string }): Importance {
  const kind = KINDS.find(([words]) => words.test(task.title))?.[1] ?? 'other';
  const score = priority({ kind, tier: tierOf(task.plan), completion: 0, share: 0 }, 'degradation');
  return score >= HIGH ? 'high' : score >= MEDIUM ? 'medium' : 'low';
}

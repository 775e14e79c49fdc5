export type Importance = 'high' | 'medium' | 'low';

const TIERS: Readonly<Record<string, number>> = { enterprise: 100, team: 70 };
const OTHER_TIER = 40;

const OPERATIONS: readonly (readonly [RegExp, number])[] = [
  [/\b(draft|write|prepare|reply)\b/i, 95],
  [/\b(list|plan|run)\b/i, 85],
  [/\b(review|check)\b/i, 75],
  [/\b(summari[sz]e|compare|consolidate)\b/i, 60],
];
const OTHER_OPERATION = 50;

/** By rules alone, where no AI can be asked: half the customer's tier, half the kind of work that the title names. */
export function importanceOf(task: { readonly title: string; readonly plan: string }): Importance {
  const tier = TIERS[task.plan] ?? OTHER_TIER;
  const operation = OPERATIONS.find(([words]) => words.test(task.title))?.[1] ?? OTHER_OPERATION;
  const score = (tier + operation) / 2;
  return score >= 80 ? 'high' : score >= 60 ? 'medium' : 'low';
}

export type Tier = 'enterprise' | 'professional' | 'other';
export type WorkKind =
  | 'deliverable'
  | 'execution'
  | 'quality'
  | 'consolidation'
  | 'discovery'
  | 'telemetry'
  | 'other';
export type Mode = 'emergency' | 'degradation';

/** What is known of a piece of work when capacity is short. */
export interface Work {
  readonly kind: WorkKind;
  readonly tier: Tier;
  /** How far it is, in percent. */
  readonly completion: number;
  /** Share of all capacity that it takes. */
  readonly share: number;
  /** What its loss would cost the business, 0 to 100; default: what its kind is worth. */
  readonly impact?: number;
}

const TIER: Readonly<Record<Tier, number>> = { enterprise: 100, professional: 70, other: 40 };
const KIND: Readonly<Record<WorkKind, number>> = {
  deliverable: 95,
  execution: 85,
  quality: 75,
  consolidation: 60,
  discovery: 40,
  telemetry: 20,
  other: 50,
};
const WEIGHTS = {
  emergency: { tier: 0.4, efficiency: 0.3, completion: 0.2, impact: 0.1 },
  degradation: { impact: 0.3, completion: 0.3, tier: 0.2, efficiency: 0.2 },
} as const;

/** The tier of a workspace by its plan. */
export function tierOf(plan: string): Tier {
  if (plan === 'enterprise') return 'enterprise';
  return plan === 'team' || plan === 'professional' ? 'professional' : 'other';
}

/** How much a piece of work is worth keeping, 0 to 100. */
export function priority(work: Work, mode: Mode): number {
  const weights = WEIGHTS[mode];
  return (
    weights.tier * TIER[work.tier] +
    weights.impact * (work.impact ?? KIND[work.kind]) +
    weights.completion * work.completion +
    weights.efficiency * 100 * (1 - work.share)
  );
}

/** The least important first; between equals the kind decides. */
export function byPriority(mode: Mode): (one: Work, other: Work) => number {
  return (one, other) => priority(one, mode) - priority(other, mode) || KIND[one.kind] - KIND[other.kind];
}

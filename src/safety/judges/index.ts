import type { AbortRule } from '../../core/limits.ts';
import { burnRateJudge } from './burn-rate.ts';
import type { Judge } from './judge.ts';
import { thresholdJudge } from './threshold.ts';

export type { Judge } from './judge.ts';

/** A judge for each rule and each probe that it names; `*` names all. */
export function judgesFor(rules: readonly AbortRule[], probes: readonly string[]): readonly Judge[] {
  return rules.flatMap((rule) =>
    probes
      .filter((probe) => rule.probe === '*' || rule.probe === probe)
      .map((probe) => judgeFor(rule, probe)),
  );
}

function judgeFor(rule: AbortRule, probe: string): Judge {
  const { slo } = rule;
  return slo === undefined ? thresholdJudge(rule, probe) : burnRateJudge({ ...rule, slo }, probe);
}

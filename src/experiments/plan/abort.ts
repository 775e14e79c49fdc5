import type { AbortRule, SafetyLimits } from '../../core/limits.ts';
import type { ProbeSpec } from '../../core/plan.ts';
import { didYouMean } from '../../core/suggest.ts';
import { isLooser, sloRule, toAbortRule } from '../../safety/limits/abort-rule.ts';
import type { Experiment } from '../schema.ts';
import { measuresInstead } from './probes.ts';
import { nameOf, type Problems } from './problems.ts';

/**
 * The limits' rules and the experiment's own. Every rule holds, so an experiment can only add to the limits; one that could never
 * fire before a limit on the same measure of the same probe says something that is not so, and is refused.
 */
export function planAbortRules(
  { abortWhen, steadyState }: Pick<Experiment, 'abortWhen' | 'steadyState'>,
  limits: SafetyLimits,
  probes: readonly ProbeSpec[],
  problems: Problems,
): readonly AbortRule[] {
  const objectives = steadyState.probes.flatMap(({ name, slo }, index) =>
    slo === undefined
      ? []
      : [{ rule: sloRule(slo, name, 'experiment'), path: ['steadyState', 'probes', index, 'slo'] }],
  );
  const rules = abortWhen.map((rule, index) => ({
    rule: toAbortRule(rule, 'experiment'),
    path: ['abortWhen', index],
  }));
  const own = [...rules, ...objectives];
  for (const { rule, path } of own) {
    const probe = probes.find(({ name }) => name === rule.probe);
    if (rule.probe !== '*' && !probe) {
      const suggestion = didYouMean(
        rule.probe,
        probes.map(({ name }) => name),
      );
      problems.add('UNKNOWN_PROBE', { probe: rule.probe, suggestion }, [...path, 'probe']);
    }
    const measures = probe && measuresInstead(probe, rule.measure);
    if (probe && measures !== undefined) {
      problems.add('MEASURE_NOT_SEEN', { kind: probe.kind, measure: rule.measure, measures }, path);
    }
    const limit = limits.abortWhen.find(
      (one) => [rule.probe, '*'].includes(one.probe) && isLooser(rule, one),
    );
    if (limit) {
      problems.add('LOOSER_RULE', { rule: rule.text, limit: limit.text, limits: nameOf(limits) }, path);
    }
  }
  for (const rule of limits.abortWhen) {
    if (rule.probe === '*' || probes.some(({ name }) => name === rule.probe)) continue;
    const values = { limits: nameOf(limits), probe: rule.probe, rule: rule.text };
    problems.add('RULE_NOT_WATCHED', values, ['steadyState', 'probes']);
  }
  return [...limits.abortWhen, ...own.map(({ rule }) => rule)];
}

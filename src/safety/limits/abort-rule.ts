import { z } from 'zod';
import {
  type Expectation,
  type Measure,
  parseExpectation,
  parseRelativeExpectation,
} from '../../core/expectation.ts';
import { durationField, parsed, shareField } from '../../core/fields.ts';
import type { AbortRule } from '../../core/limits.ts';
import { formatDuration } from '../../core/units.ts';
import { formatSlo, LEAST_SLO, slowestBurn } from './burn-rate.ts';

const bounds = {
  errorRate: boundField('errorRate', 'Bound on the share of failed samples, such as "> 20%".'),
  value: boundField('value', 'Bound on the number that the probe reads, such as "> 0".'),
  p50: boundField('p50', 'Bound on the median, such as "> 500ms".'),
  p95: boundField('p95', 'Bound on the 95th percentile, such as "> 2s".'),
  p99: boundField('p99', 'Bound on the 99th percentile, such as "> 2s".'),
  max: boundField('max', 'Bound on the slowest sample, such as "> 5s".'),
};
/** What a rule can be about; a status is judged sample by sample and counts in `errorRate`. */
const RULE_MEASURES = Object.keys(bounds) as readonly (keyof typeof bounds)[];

/** `{ probe: NAME, errorRate: "> 20%", for: 5s }`: one measure, absolute, or `vsBaseline: "p95 > 3x"`. */
export const abortRuleSchema = z
  .strictObject({
    probe: z.string().min(1).default('*').describe('A probe of the experiment, or "*" for each of them.'),
    ...bounds,
    vsBaseline: parsed(
      'such as "p95 > 3x"',
      [z.number(), z.string()],
      (value) => parseRelativeExpectation(String(value)),
      {
        description: 'A measure against its baseline: MEASURE OP NUMBERx, such as "p95 > 3x".',
      },
    ).optional(),
    slo: sloField(
      'Share of samples that may not fail, such as 99.9%: stops when its error budget is spent too fast.',
    ).optional(),
    for: durationField('How long it must be so; 0 aborts at once.').default(0),
  })
  .superRefine((rule, context) => {
    const given = [...RULE_MEASURES, 'vsBaseline' as const, 'slo' as const].filter(
      (key) => rule[key] !== undefined,
    );
    if (rule.slo !== undefined && rule.for > 0) {
      context.addIssue({
        code: 'custom',
        path: ['for'],
        message: 'an slo has windows of its own: leave "for" out',
      });
    }
    if (given.length === 1) return;
    const what =
      given.length === 0 ? 'names no measure' : `names ${given.length} measures (${given.join(', ')})`;
    context.addIssue({
      code: 'custom',
      message: `${what}: give one of ${RULE_MEASURES.join(', ')}, vsBaseline or slo`,
    });
  })
  .describe('A state of health in which everything is taken back.');

type AbortRuleInput = z.output<typeof abortRuleSchema>;

export function toAbortRule(rule: AbortRuleInput, source: AbortRule['source']): AbortRule {
  if (rule.slo !== undefined) return sloRule(rule.slo, rule.probe, source);
  const { measure, operator, bound, relative, text } = expectationOf(rule);
  const lasting = rule.for > 0 ? ` for ${formatDuration(rule.for)}` : '';
  return {
    probe: rule.probe,
    measure,
    operator,
    bound,
    relative,
    forMs: rule.for,
    text: `${text}${lasting}`,
    source,
  };
}

/** A rule for an objective; a plan gives it its windows. */
export function sloRule(slo: number, probe: string, source: AbortRule['source']): AbortRule {
  return {
    probe,
    measure: 'errorRate',
    operator: '>',
    bound: slowestBurn(slo),
    relative: false,
    forMs: 0,
    text: `slo ${formatSlo(slo)}`,
    source,
    slo,
  };
}

/** Whether two rules are about the same thing, so that one can be looser than the other. */
function sameMeasure(left: AbortRule, right: AbortRule): boolean {
  return (
    left.measure === right.measure &&
    left.relative === right.relative &&
    (left.slo === undefined) === (right.slo === undefined) &&
    direction(left) === direction(right)
  );
}

/**
 * Whether `rule` can never fire before `limit`: its bound lies no nearer and it waits no shorter, and one of the two is worse.
 * A nearer bound or a shorter time makes a rule tighter, whatever the other says, because it then fires where the limit would not.
 */
export function isLooser(rule: AbortRule, limit: AbortRule): boolean {
  if (!sameMeasure(rule, limit)) return false;
  const further = direction(rule) * (rule.bound - limit.bound);
  const longer = rule.forMs - limit.forMs;
  if (direction(rule) === 0)
    return rule.operator === limit.operator && rule.bound === limit.bound && longer > 0;
  // At the same bound ">" fires later than ">=".
  const stricter = Number(limit.operator.endsWith('=')) - Number(rule.operator.endsWith('='));
  const nearer = further < 0 || (further === 0 && stricter < 0);
  const worse = further > 0 || (further === 0 && stricter > 0);
  return !nearer && longer >= 0 && (worse || longer > 0);
}

/** 1: fires above its bound; -1: below; 0: at it or beside it. */
function direction({ operator }: AbortRule): number {
  if (operator.startsWith('>')) return 1;
  return operator.startsWith('<') ? -1 : 0;
}

/** A share of samples that may not fail. */
export function sloField(description: string) {
  return shareField(description).refine(
    (slo) => slo >= LEAST_SLO && slo < 1,
    'give a share from 90% to less than 100%, such as 99.9%; for less, bound the errorRate',
  );
}

function expectationOf(rule: AbortRuleInput): Expectation {
  const given = RULE_MEASURES.map((measure) => rule[measure]).find((bound) => bound !== undefined);
  return (given ?? rule.vsBaseline)!;
}

function boundField(measure: Measure, description: string) {
  return parsed(
    'an operator and a number, such as "> 20%"',
    [z.number(), z.string()],
    (value) => parseExpectation(measure, value),
    { description },
  ).optional();
}

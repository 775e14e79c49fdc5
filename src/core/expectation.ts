import { FaultlineError } from './errors.ts';
import { formatDuration, formatRate, formatShare, parseDuration, parseRate, parseShare } from './units.ts';

export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

/**
 * What a probe's samples, or a load, can be asked for. Times in ms, `errorRate` and `cacheHitRate` as a share from 0 to 1,
 * `throughput` in right answers a second.
 */
export const MEASURES = [
  'status',
  'value',
  'errorRate',
  'p50',
  'p95',
  'p99',
  'max',
  'throughput',
  'cacheHitRate',
] as const;
export type Measure = (typeof MEASURES)[number];

const SHARES: ReadonlySet<Measure> = new Set(['errorRate', 'cacheHitRate']);

/** `p95 < 300ms`, or against the baseline `p95 < 2x`. */
export interface Expectation {
  readonly measure: Measure;
  readonly operator: Operator;
  /** In the measure's own unit; a factor of the baseline's value where `relative`. */
  readonly bound: number;
  readonly relative: boolean;
  /** As the file has it, with its measure: `p95 < 300ms`. */
  readonly text: string;
}

/**
 * Reads `< 300ms` for a measure.
 * @throws FaultlineError BAD_EXPECTATION
 */
export function parseExpectation(measure: Measure, source: string | number): Expectation {
  const { operator, amount } = split(
    typeof source === 'number' ? `== ${source}` : source,
    exampleOf(measure),
  );
  const bound = readBound(measure, amount, source);
  return { measure, operator, bound, relative: false, text: `${measure} ${operator} ${amount}` };
}

/**
 * Reads `p95 < 2x`, as under `vsBaseline`.
 * @throws FaultlineError BAD_EXPECTATION
 */
export function parseRelativeExpectation(source: string): Expectation {
  const match = /^\s*(\w+)\s*(.*)$/s.exec(source);
  const measure = MEASURES.find((known) => known === match?.[1]);
  const wrong = () => new FaultlineError('BAD_EXPECTATION', { value: source, example: 'p95 < 2x' });
  if (!match || !measure || measure === 'status') throw wrong();
  const { operator, amount } = split(match[2]!, 'p95 < 2x');
  const factor = /^(\d+(?:\.\d+)?)x$/.exec(amount);
  if (!factor) throw wrong();
  return {
    measure,
    operator,
    bound: Number(factor[1]),
    relative: true,
    text: `${measure} ${operator} ${amount} of baseline`,
  };
}

/** Whether `value` meets the expectation; `baseline` is the same measure before the first fault. NaN meets nothing. */
export function meets(expectation: Expectation, value: number, baseline = Number.NaN): boolean {
  const bound = expectation.relative ? expectation.bound * baseline : expectation.bound;
  return compare(value, expectation.operator, bound);
}

export function compare(value: number, operator: Operator, bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
    case '!=':
      return value !== bound && !Number.isNaN(value);
  }
}

/** A measure's value for people: `412 ms`, `0.5%`, `200`. */
export function formatMeasure(measure: Measure, value: number): string {
  if (Number.isNaN(value)) return '–';
  if (SHARES.has(measure)) return formatShare(value);
  if (measure === 'throughput') return formatRate(value);
  if (measure === 'status' || measure === 'value') return Number(value.toFixed(3)).toString();
  return formatDuration(value);
}

/** Reads `OP NUMBER` without a unit, as in `injected: ">= 20"`. @throws FaultlineError BAD_EXPECTATION */
export function parseCount(source: string | number): { readonly operator: Operator; readonly bound: number } {
  const { operator, amount } = split(typeof source === 'number' ? `== ${source}` : source, '>= 20');
  if (!/^\d+$/.test(amount)) throw new FaultlineError('BAD_EXPECTATION', { value: source, example: '>= 20' });
  return { operator, bound: Number(amount) };
}

function split(source: string, example: string): { operator: Operator; amount: string } {
  const text = source.trim();
  const operator = OPERATORS.find((known) => text.startsWith(known));
  const amount = operator ? text.slice(operator.length).trim() : '';
  if (!operator || amount === '') throw new FaultlineError('BAD_EXPECTATION', { value: source, example });
  return { operator, amount };
}

function readBound(measure: Measure, amount: string, source: string | number): number {
  try {
    if (SHARES.has(measure)) return parseShare(amount);
    if (measure === 'throughput') return parseRate(amount);
    if (measure !== 'status' && measure !== 'value') return parseDuration(amount);
    const bound = Number(amount);
    if (Number.isFinite(bound)) return bound;
  } catch {
    // Said below, with an example that fits the measure.
  }
  throw new FaultlineError('BAD_EXPECTATION', { value: source, example: exampleOf(measure) });
}

function exampleOf(measure: Measure): string {
  if (measure === 'errorRate') return '< 1%';
  if (measure === 'cacheHitRate') return '> 70%';
  if (measure === 'throughput') return '>= 20/min';
  if (measure === 'status') return '== 200';
  if (measure === 'value') return '== 0';
  return '< 300ms';
}

import { VERDICTS } from '../../core/verdict.ts';
import type { Summary } from '../../report/summary.ts';
import type { JudgedPrediction, ReportItem } from './contract.ts';

/** Whether the verdict that a prediction begins with came; null where it names none, or there is none. */
export function rightVerdict(text: string, outcome: ReportItem['outcome']): boolean | null {
  const said = new RegExp(`^(${VERDICTS.join('|')})\\b`, 'i').exec(text.trim())?.[1]?.toLowerCase();
  const judged = VERDICTS.some((verdict) => verdict === outcome);
  return said === undefined || !judged ? null : said === outcome;
}

/**
 * Whether the probe that a prediction says fails first ("read first", "first the read", "first: read") left its baseline first;
 * null where it names none of the run's, or nothing was injected.
 */
export function rightFirst(text: string, { probes, cascade, steps }: Summary): boolean | null {
  if (!steps.some(({ fromS }) => fromS !== null)) return null;
  const named = probes.map(({ probe }) => probe).filter((probe) => saysFirst(text, probe));
  // Who says it of two says nothing that can be judged.
  return named.length === 1 ? cascade.left[0]?.probe === named[0] : null;
}

function saysFirst(text: string, probe: string): boolean {
  const name = `(?<![\\w-])${probe.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`;
  const between = '\\W+(?:\\w+\\W+){0,2}?';
  return new RegExp(`${name}${between}first\\b|\\bfirst${between}${name}`, 'i').test(text);
}

/** How often each was right, of what could be judged; who predicted nothing that could be is not among them. */
export function scoresOf(
  people: readonly { readonly name: string }[],
  items: readonly { readonly predictions: readonly JudgedPrediction[] }[],
): readonly { readonly name: string; readonly right: number; readonly of: number }[] {
  const all = items.flatMap(({ predictions }) => predictions);
  return people
    .map(({ name }) => {
      const judged = all
        .filter(({ by }) => by === name)
        .flatMap(({ right, rightFirst: first }) => [right, first])
        .filter((one) => one !== null);
      return { name, right: judged.filter(Boolean).length, of: judged.length };
    })
    .filter((score) => score.of > 0);
}

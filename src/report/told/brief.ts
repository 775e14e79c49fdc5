import { clause } from '../../lessons/words.ts';
import type { Summary } from '../summary.ts';

/** What somebody takes along who reads no further: at most three lines, each with the section that has the rest. */
export function briefLines(
  summary: Summary,
): readonly { readonly name: string; readonly text: string; readonly id: string }[] {
  const { impact, breaking, actions } = summary;
  const [worst] = impact?.rows ?? [];
  const point = breaking.find(({ firstBad }) => firstBad !== null);
  const [first] = actions;
  return [
    ...(worst ? [{ name: 'Impact', text: `${worst.figure}: ${worst.who}`, id: 'impact' }] : []),
    ...(point ? [{ name: 'Breaking point', text: clause(point.sentence), id: 'breaking' }] : []),
    ...(first
      ? [
          {
            name: 'First to do',
            text: `${clause(first.action)}${actions.length > 1 ? ` (and ${actions.length - 1} more)` : ''}`,
            id: 'actions',
          },
        ]
      : []),
  ];
}

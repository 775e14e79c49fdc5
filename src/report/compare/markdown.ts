import { moment } from '../format.ts';
import { bullets, heading, plain } from '../markdown/text.ts';
import { toldBlocks } from '../markdown/told.ts';
import type { Comparison } from './comparison.ts';
import { comparisonTold } from './told.ts';

export function renderComparisonMarkdown(comparison: Comparison): string {
  const { sides, headline, experiment } = comparison;
  const blocks = [
    heading(1, `${sides[0].name} against ${sides[1].name}: ${experiment}`),
    plain(headline),
    bullets(
      sides.map(
        ({ name, outcome, headline: told, run, startedAt }) =>
          `**${plain(name)}: ${outcome}.** ${plain(told)} (${plain(run)}, ${moment(startedAt)})`,
      ),
    ),
    ...comparisonTold(comparison).flatMap(toldBlocks),
  ];
  return `${blocks.join('\n\n')}\n`;
}

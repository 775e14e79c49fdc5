import { duration, moment, outcomeOf, sentenceOf } from '../format.ts';
import type { Summary } from '../summary.ts';
import { actionsTold } from '../told/actions.ts';
import { breakingTold } from '../told/breaking.ts';
import { briefLines } from '../told/brief.ts';
import { clientsTold } from '../told/clients.ts';
import { impactTold } from '../told/impact.ts';
import { loadsTold } from '../told/loads.ts';
import type { Told } from '../told/told.ts';
import { trendTold } from '../told/trend.ts';
import { blanks } from './blanks.ts';
import { hypothesis, injection, limits, rollback } from './evidence.ts';
import { cascade, environment, experiment, lessons, timeline } from './record.ts';
import { bullets, heading, plain, table } from './text.ts';
import { toldBlocks } from './told.ts';

/** The report as a Markdown page: the same sections as the HTML, without pictures. */
export function renderMarkdown(summary: Summary): string {
  const blocks = [
    ...first(summary),
    ...cascade(summary),
    ...lessons(summary),
    ...told(actionsTold(summary), impactTold(summary), breakingTold(summary)),
    ...hypothesis(summary),
    ...injection(summary),
    ...told(clientsTold(summary)),
    ...rollback(summary),
    ...limits(summary),
    ...told(loadsTold(summary), trendTold(summary)),
    ...timeline(summary),
    ...environment(summary),
    ...experiment(summary),
    ...blanks(summary),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function told(...sections: readonly (Told | false)[]): string[] {
  return sections.flatMap((one) => (one === false ? [] : toldBlocks(one)));
}

function first(summary: Summary): string[] {
  const { run, hypothesis: asked, verdict, times, rollback: back } = summary;
  const brief = briefLines(summary);
  const alarm =
    verdict.rollbackProven === false
      ? [
          `**It is not proven that every fault was taken back${back?.whyNotProven ? `: ${plain(back.whyNotProven)}` : ''}.** Look at the data plane before anything else.`,
        ]
      : [];
  return [
    heading(1, run.title),
    `Faultline run report, ${moment(run.startedAt)}`,
    ...(asked.text ? [`> ${plain(asked.text)}`] : []),
    `**${outcomeOf(summary).word}.** ${plain(verdict.headline)}`,
    plain(sentenceOf(summary)),
    ...alarm,
    table(
      ['Time to detect', 'Time to roll back', 'Rollback proven', 'Time to recover'],
      [
        [
          duration(times.detectMs),
          duration(times.rollBackMs),
          duration(times.proveMs),
          `${duration(times.recoverMs)}${times.recovered === false ? ' (not in time)' : ''}`,
        ],
      ],
    ),
    ...(brief.length > 0 ? [bullets(brief.map(({ name, text }) => `**${name}.** ${plain(text)}`))] : []),
  ];
}

import { duration, moment, outcomeOf, sentenceOf } from '../format.ts';
import type { Summary } from '../summary.ts';
import { hypothesis, injection, limits, rollback } from './evidence.ts';
import { cascade, environment, experiment, lessons, load, timeline } from './record.ts';
import { heading, plain, table } from './text.ts';

/** The report as a Markdown page: the same sections as the HTML, without pictures. */
export function renderMarkdown(summary: Summary): string {
  const blocks = [
    ...first(summary),
    ...cascade(summary),
    ...lessons(summary),
    ...hypothesis(summary),
    ...injection(summary),
    ...rollback(summary),
    ...limits(summary),
    ...load(summary),
    ...timeline(summary),
    ...environment(summary),
    ...experiment(summary),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function first(summary: Summary): string[] {
  const { run, hypothesis: asked, verdict, times, rollback: back } = summary;
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
  ];
}

import type { TrafficFigures } from '../../core/journal.ts';
import { formatDuration, formatRate } from '../../core/units.ts';
import type { LoadResult } from '../../load/result/contract.ts';
import { moment, number } from '../format.ts';
import { html, type Markup } from '../html/markup.ts';
import { page } from '../html/page.ts';
import { table } from '../html/table.ts';
import { toldCell } from '../html/told.ts';
import { trafficFigure } from './charts.ts';
import { FIGURE_COLUMNS, figureCells, msOf, shareOf, THRESHOLD_COLUMNS, thresholdCells } from './figures.ts';
import { breaking, comparison, resources } from './findings.ts';

const TONES = { held: 'good', deviated: 'bad', inconclusive: 'warn' } as const;
const WORDS = { held: 'Held', deviated: 'Deviated', inconclusive: 'Inconclusive' } as const;

/** The page of one load: verdict, figures, charts, thresholds, resources, comparison. Needs nothing else. */
export function renderLoadHtml(result: LoadResult): string {
  const { profile, target, startedAt, verdict, sentence, id } = result;
  const { scenarios, stages } = result.summary.traffic;
  const title = `Load ${profile}`;
  const sections: readonly (readonly [id: string, name: string, Markup | false])[] = [
    ['time', 'Over time', chart(result)],
    ['thresholds', 'Thresholds', thresholds(result)],
    ['breaking', 'Breaking point', breaking(result)],
    ['by-scenario', 'By scenario', parts('Scenario', scenarios)],
    ['by-stage', 'By stage', parts('Stage', stages)],
    ['resources', 'Resources of the target', resources(result)],
    ['comparison', 'Comparison', comparison(result)],
  ];
  return page({
    title,
    header: html`<header>
<div class="top"><b>Faultline load</b><span>${moment(startedAt)}</span></div>
<div class="title"><h1>${title}</h1><p class="hypothesis">${count(result)} to ${target}</p></div>
<div class="verdict ${TONES[verdict]}"><span class="word">${WORDS[verdict]}</span><p class="headline">${sentence}.</p></div>
${headline(result)}
</header>`,
    sections: sections.flatMap(([anchor, name, content]) =>
      content
        ? [{ id: anchor, name, section: html`<section id="${anchor}"><h2>${name}</h2>${content}</section>` }]
        : [],
    ),
    footer: `Made by Faultline from load ${id}. Latencies count from the moment at which a request was to begin.`,
  });
}

function count({ stages, summary, timeScale }: LoadResult): string {
  const peak = Math.max(...stages.map(({ level }) => Math.max(level.from, level.to)));
  const what = stages[0]?.counts === 'rate' ? `${number(peak)} scenarios a second` : `${number(peak)} users`;
  const scale = timeScale === 1 ? '' : `, ${number(timeScale)} times as fast`;
  return `Up to ${what}, ${formatDuration(summary.traffic.durationMs)}${scale},`;
}

function headline({ summary }: LoadResult): Markup {
  const { total, underWay } = summary.traffic;
  const rows: readonly (readonly [string, string, string])[] = [
    ['p95', msOf(total.p95), `p50 ${msOf(total.p50)}, p99 ${msOf(total.p99)}`],
    ['Right answers', formatRate(total.throughput), `${number(total.requests)} requests came to an end`],
    [
      'Failed',
      shareOf(total.errorRate),
      `${number(summary.timeouts)} timed out, ${number(summary.errors)} broken, ${number(summary.traffic.wrong)} wrong`,
    ],
    [
      'Still due at the end',
      number(underWay.requests),
      underWay.requests > 0
        ? `the oldest for ${formatDuration(underWay.oldestMs)}`
        : 'every request was answered',
    ],
  ];
  return html`<dl class="figures">${rows.map(([name, value, note]) => html`<div><dt>${name}</dt><dd>${value}</dd><dd>${note}</dd></div>`)}</dl>`;
}

function chart({ stages, summary }: LoadResult): Markup | false {
  return trafficFigure({ stages, traffic: summary.traffic, id: 'l' });
}

function thresholds({ thresholds: all }: LoadResult): Markup | false {
  if (all.length === 0) return false;
  return table(
    'Thresholds',
    THRESHOLD_COLUMNS,
    all.map((one) => ({ cells: thresholdCells(one).map(toldCell) })),
  );
}

function parts(what: string, figures: Readonly<Record<string, TrafficFigures>>): Markup | false {
  const rows = Object.entries(figures);
  if (rows.length < 2) return false;
  return table(
    `By ${what.toLowerCase()}`,
    [{ name: what, kind: 'half' }, ...FIGURE_COLUMNS],
    rows.map(([name, one]) => ({ cells: [name, ...figureCells(one)] })),
  );
}

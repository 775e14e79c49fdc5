import { formatDuration, formatRate } from '../../core/units.ts';
import type { LoadResult } from '../../load/result/contract.ts';
import { number, percent } from '../format.ts';
import { html, type Markup } from '../html/markup.ts';
import { table } from '../html/table.ts';
import { shareOf } from './figures.ts';

export function breaking({ breakingPoint: point, stages }: LoadResult): Markup | false {
  if (!point) return false;
  const unit = stages[0]?.counts === 'rate' ? 'a second' : 'users';
  const good = point.lastGood ? `${number(point.lastGood.level)} ${unit} were served` : 'No level was served';
  const bad = point.firstBad
    ? `at ${number(point.firstBad.level)} ${unit} ${point.firstBad.why}`
    : 'no level was too high';
  return html`<p class="lede">${good}; ${bad}.</p>`;
}

const STATES = { bottleneck: 'bad', near: 'fault', fine: 'good', 'not assessed': 'muted' } as const;

/** What held the target back, as far as its metrics tell, and what to do about it. */
export function resources({ resources: { assessed, bottleneck } }: LoadResult): Markup {
  const suggested = assessed.flatMap(({ resource, suggestion }) =>
    suggestion ? [{ resource, ...suggestion }] : [],
  );
  const told = assessed.filter(({ state }) => state !== 'not assessed').length;
  const lede = bottleneck
    ? `The likely bottleneck: ${bottleneck}.`
    : `No bottleneck was found; ${told} of ${assessed.length} resources could be assessed.`;
  return html`<p class="lede">${lede}</p>
${table(
  'Resources',
  [{ name: 'Resource' }, { name: 'State' }, { name: 'What was seen', kind: 'half' }],
  assessed.map(({ resource, state, evidence }) => ({
    cells: [resource, html`<span class="${STATES[state]}">${state}</span>`, evidence],
  })),
)}
${
  suggested.length > 0 &&
  table(
    'Scaling suggestions',
    [
      { name: 'What' },
      { name: 'From', kind: 'num' },
      { name: 'To', kind: 'num' },
      { name: 'Priority' },
      { name: 'Effort' },
      { name: 'Expected gain', kind: 'half' },
    ],
    suggested.map(({ what, from, to, priority, effort, gain }) => ({
      cells: [what, from, to, priority, effort, gain],
    })),
    true,
  )
}`;
}

const CHANGES = {
  worse: 'worse',
  better: 'better',
  same: 'within 10%',
  noise: 'may be noise',
} as const;

export function comparison({ comparison: compared }: LoadResult): Markup | false {
  if (!compared) return false;
  const { notAssessed, latencies, throughput, errorRate } = compared;
  if (notAssessed !== undefined) {
    return html`<p class="lede">Not assessed against ${compared.with}: ${notAssessed}.</p>`;
  }
  return html`<p class="lede">${compared.regression ? 'A regression' : 'No regression'} against ${compared.with}: a latency is worse when it is more than 10% above the earlier one and its interval lies above 1 as a whole.</p>
${table(
  'Comparison',
  [
    { name: 'Measure' },
    { name: 'Before', kind: 'num' },
    { name: 'Now', kind: 'num' },
    { name: 'Change', kind: 'num' },
    { name: 'Factor by windows, 99%', kind: 'num' },
    { name: 'Outcome' },
  ],
  [
    ...latencies.map(({ measure, before, now, ratio, interval, windows, verdict }) => ({
      cells: [
        measure,
        formatDuration(before),
        formatDuration(now),
        percent(ratio - 1),
        `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)} (${windows} windows)`,
        html`<span class="${verdict === 'worse' ? 'bad' : verdict === 'better' ? 'good' : 'muted'}">${CHANGES[verdict]}</span>`,
      ],
    })),
    {
      cells: ['right answers', formatRate(throughput.before), formatRate(throughput.now), '', '', ''],
    },
    {
      cells: ['failed', shareOf(errorRate.before), shareOf(errorRate.now), '', '', ''],
    },
  ],
)}`;
}

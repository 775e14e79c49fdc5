import { figure as figureText, measureOf } from '../../lessons/words.ts';
import { paintCascade } from '../charts/cascade.ts';
import { duration, moment, outcomeOf, sentenceOf, since, UNKNOWN } from '../format.ts';
import type { CascadeRow, Summary } from '../summary.ts';
import { briefLines } from '../told/brief.ts';
import { figure } from './figure.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** The first screen: what was asked, how it ended, how fast, and how it spread. */
export function first(summary: Summary): Markup {
  const { run, hypothesis, verdict } = summary;
  const { word, tone } = outcomeOf(summary);
  return html`<header>
  <div class="top"><span><b>Faultline</b> run report</span><span>${moment(run.startedAt)}</span></div>
  <div class="title">
    <h1>${run.title}</h1>
    ${hypothesis.text && html`<p class="hypothesis"><span class="hidden">Hypothesis: </span>${hypothesis.text}</p>`}
  </div>
  <div class="verdict ${tone}">
    <p class="word">${word}</p>
    <p class="headline">${verdict.headline}</p>
    <p class="reason">${sentenceOf(summary)}</p>
  </div>
  ${alarm(summary)}
  ${figures(summary)}
  ${brief(summary)}
</header>`;
}

function brief(summary: Summary): Markup | false {
  const lines = briefLines(summary);
  if (lines.length === 0) return false;
  return html`<dl class="brief">${lines.map(({ name, text, id }) => html`<dt><a href="#${id}">${name}</a></dt><dd>${text}</dd>`)}</dl>`;
}

function alarm({ verdict, rollback }: Summary): Markup | false {
  if (verdict.rollbackProven !== false) return false;
  return html`<p class="alarm" role="alert">It is not proven that every fault was taken back${rollback?.whyNotProven ? `: ${rollback.whyNotProven}` : ''}. Look at the data plane before anything else.</p>`;
}

function figures({ times, rollback, cascade }: Summary): Markup | false {
  if (cascade.faulted.length === 0 && rollback === null) return false;
  const sign =
    times.firstSignMs === null
      ? 'no probe left its baseline'
      : `first sign after ${duration(times.firstSignMs)}`;
  const allowed = times.recoverWithinMs === null ? '' : `${duration(times.recoverWithinMs)} allowed`;
  return html`<dl class="figures">
    ${one('Time to detect', times.detectMs, times.detectMs === null ? 'no limit was breached' : sign)}
    ${one('Time to roll back', times.rollBackMs, 'to an empty fault set')}
    ${one('Rollback proven', times.proveMs, rollback?.proven ? provenBy(rollback.canaries.length) : 'not proven')}
    ${one('Time to recover', times.recoverMs, times.recovered === false ? `not in time; ${allowed}` : allowed)}
  </dl>`;
}

function provenBy(canaries: number): string {
  return `set empty, ${canaries} ${canaries === 1 ? 'canary' : 'canaries'} alike`;
}

function one(name: string, ms: number | null, detail: string): Markup {
  return html`<div><dt>${name}</dt><dd>${duration(ms)}</dd><dd>${detail}</dd></div>`;
}

/** The story, and the strip that shows how the damage spread. */
export function spread(summary: Summary): Markup | false {
  const { story, cascade } = summary;
  if (story.length === 0) return false;
  return html`<section id="cascade">
  <h2>How it spread</h2>
  <div class="first">
    <div class="story">${story.map(({ heading, text }) => html`<div><h3>${heading}</h3><p>${text}</p></div>`)}</div>
    ${figure({
      paint: (narrow) => paintCascade(summary, narrow),
      alternative: alternativeOf(summary),
      legend: [
        ['fault', '', 'fault in force'],
        ['bad', 'half', 'outside its baseline'],
        ['bad', '', 'users get nothing: most samples fail'],
        ...(cascade.stayed.length > 0 ? ([['good', 'line', 'never left its baseline']] as const) : []),
      ],
      caption: 'Time runs from left to right; 0 is the first fault.',
    })}
    ${cascadeTable(summary)}
    ${
      cascade.suffered.length > 0 &&
      html`<p class="lede">Dependencies without a fault that suffered: ${cascade.suffered.map(({ proxy, change }) => `${proxy} (${change})`).join('; ')}.</p>`
    }
  </div>
</section>`;
}

function cascadeTable({ cascade }: Summary): Markup | false {
  if (cascade.left.length === 0) return false;
  const value = (row: CascadeRow, amount: number | null) =>
    amount === null ? UNKNOWN : figureText(measureOf(row.expectation), amount);
  return table(
    'Probes in the order in which they left their baseline',
    [
      { name: 'Probe', kind: 'probe' },
      { name: 'First missed' },
      { name: 'Baseline', kind: 'num' },
      { name: 'When it left', kind: 'num' },
      { name: 'Left at', kind: 'num' },
      { name: 'Back at', kind: 'num' },
    ],
    cascade.left.map((row) => ({
      cells: [
        row.probe,
        row.expectation,
        value(row, row.baseline),
        value(row, row.value),
        since(row.leftS),
        row.returnedS === null ? html`<span class="bad">never</span>` : since(row.returnedS),
      ],
    })),
    true,
  );
}

function alternativeOf({ cascade }: Summary): string {
  const left = cascade.left.map(
    (row) =>
      `${row.probe} left at ${since(row.leftS)}${row.returnedS === null ? ' and did not return' : ` and returned at ${since(row.returnedS)}`}`,
  );
  const stayed = cascade.stayed.length > 0 ? ` ${cascade.stayed.join(', ')} never left.` : '';
  return `Cascade since the first fault on ${cascade.faulted.map(({ proxy }) => proxy).join(', ')}: ${left.join('; ') || 'no probe left its baseline'}.${stayed}`;
}

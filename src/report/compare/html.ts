import { ceiling, paintProbes } from '../charts/probes.ts';
import { moment, outcomeOf } from '../format.ts';
import { html, type Markup, raw } from '../html/markup.ts';
import { page } from '../html/page.ts';
import { toldSection } from '../html/told.ts';
import type { Summary } from '../summary.ts';
import type { Comparison, Pair } from './comparison.ts';
import { comparisonTold } from './told.ts';

/** Both runs on one page, side by side where it is wide enough, their pictures on the same scales. */
export function renderComparisonHtml(comparison: Comparison, runs: Pair<Summary>): string {
  const [figures, ...rest] = comparisonTold(comparison).map((told) => ({
    id: told.id,
    name: told.name,
    section: toldSection(told),
  }));
  const pictures = pair(comparison, runs);
  return page({
    title: `${comparison.sides[0].name} against ${comparison.sides[1].name}: ${runs[0].run.title}`,
    header: header(comparison, runs),
    sections: [
      ...(figures ? [figures] : []),
      ...(pictures ? [{ id: 'probes', name: 'Probes', section: pictures }] : []),
      ...rest,
    ],
    footer: `Made by Faultline from the journals of ${comparison.sides[0].run} and ${comparison.sides[1].run}.`,
  });
}

function header({ sides, headline }: Comparison, runs: Pair<Summary>): Markup {
  return html`<header>
  <div class="top"><span><b>Faultline</b> comparison of two runs</span></div>
  <div class="title">
    <h1>${runs[0].run.title}</h1>
    <p class="hypothesis">${headline}</p>
  </div>
  <div class="pair">${sides.map(
    (side, index) => html`<div class="verdict ${outcomeOf(runs[index]!).tone}">
    <h2>${side.name}</h2>
    <p class="word">${outcomeOf(runs[index]!).word}</p>
    <p>${side.headline}</p>
    <p class="reason small">${moment(side.startedAt)}<br><span class="mono">${side.run}</span></p>
  </div>`,
  )}</div>
</header>`;
}

function pair({ sides }: Comparison, runs: Pair<Summary>): Markup | false {
  const framed = onOneScale(runs);
  const painted = framed.map(({ run, tops }, index) =>
    paintProbes(run, true, { tops, id: `compare${index}` }),
  );
  if (painted.every((picture) => picture === '')) return false;
  return html`<section id="probes">
  <h2>Every probe over time</h2>
  <p class="lede">The same scales on both sides: time since the first fault, and the figures of each probe. Red is what failed, shaded are the steps with faults.</p>
  <div class="pair">${painted.map(
    (picture, index) => html`<figure class="chart"><h3>${sides[index]!.name}</h3>
    <div role="img" aria-label="${alternativeOf(sides[index]!.name, framed[index]!.run)}">${raw(picture)}</div></figure>`,
  )}</div>
</section>`;
}

/** Both on the longer time axis, each probe up to the higher figure, without the probes that only one of them has. */
function onOneScale(runs: Pair<Summary>) {
  const names = runs.map(({ probes }) => new Set(probes.map(({ probe }) => probe)));
  const shared = runs[0].probes.filter(({ probe }) => names[1]!.has(probe)).map(({ probe }) => probe);
  const from = Math.min(...runs.map(({ run }) => run.from));
  const to = Math.max(...runs.map(({ run }) => run.to));
  const tops = new Map(
    shared.map((name) => [
      name,
      Math.max(...runs.flatMap(({ probes }) => probes.filter(({ probe }) => probe === name).map(ceiling))),
    ]),
  );
  return runs.map((summary) => ({
    tops,
    run: {
      ...summary,
      run: { ...summary.run, from, to },
      probes: shared.flatMap((name) => summary.probes.filter(({ probe }) => probe === name)),
    },
  }));
}

function alternativeOf(name: string, { probes }: Summary): string {
  const failed = probes.map(
    (probe) => `${probe.probe}: ${probe.totalFailed} of ${probe.total} samples failed`,
  );
  return `Each probe of ${name} over time, on the scales of both runs. ${failed.join('; ')}.`;
}

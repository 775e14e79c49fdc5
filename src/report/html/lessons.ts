import { SEVERITIES } from '../../lessons/index.ts';
import type { Summary } from '../summary.ts';
import { html, type Markup } from './markup.ts';

export function lessons({ lessons: found, notFound, notAssessed }: Summary): Markup | false {
  if (found.length + notFound.length + notAssessed.length === 0) return false;
  return html`<section id="lessons">
  <h2>What the run teaches</h2>
  <p class="lede">${
    found.length > 0
      ? `${tally(found)}. Each rests on what this run recorded.`
      : 'The run recorded nothing from which a lesson could be drawn.'
  }</p>
  <ol class="lessons">${found.map(
    (lesson) => html`<li class="lesson">
    <span class="severity ${lesson.severity}">${lesson.severity === 'good' ? 'Good' : lesson.severity[0]!.toUpperCase() + lesson.severity.slice(1)}</span>
    <div>
      <h3>${lesson.claim}</h3>
      <div class="told"><ul>${lesson.evidence.map((text) => html`<li>${text}</li>`)}</ul>
      <div><p>${lesson.severity !== 'good' && html`<b>Remedy.</b> `}${lesson.remedy}</p>
      ${lesson.nextExperiment && html`<p><b>Next experiment.</b> ${lesson.nextExperiment}</p>`}</div></div>
    </div>
  </li>`,
  )}</ol>
  ${asked(notFound, notAssessed)}
</section>`;
}

function tally(found: Summary['lessons']): string {
  const grave = SEVERITIES.filter((severity) => severity !== 'good').flatMap((severity) => {
    const amount = found.filter((lesson) => lesson.severity === severity).length;
    return amount > 0 ? [`${amount} ${severity}`] : [];
  });
  const good = found.filter((lesson) => lesson.severity === 'good').length;
  const parts = [...grave, ...(good > 0 ? [`${good} good`] : [])];
  return parts.join(', ');
}

function asked(notFound: Summary['notFound'], notAssessed: Summary['notAssessed']): Markup | false {
  if (notFound.length + notAssessed.length === 0) return false;
  return html`<div class="asked">
    ${notFound.length > 0 && html`<div><h3>Asked, and nothing found</h3><ul>${notFound.map(({ question }) => html`<li>${question}</li>`)}</ul></div>`}
    ${notAssessed.length > 0 && html`<div><h3>Not assessed</h3><ul>${notAssessed.map(({ question, why }) => html`<li>${question} ${why[0]!.toUpperCase() + why.slice(1)}.</li>`)}</ul></div>`}
  </div>`;
}

import { html, type Markup } from '../../report/html/markup.ts';
import { table } from '../../report/html/table.ts';
import { AREAS, type Area, CHECKS } from '../catalogue.ts';
import type { AssessedCheck, Audit, Finding, Phase } from '../contract.ts';
import { tally } from '../judge.ts';
import { mendsOf, standing, statusWord } from '../words.ts';

/** The fifteen checks, area by area. */
export function checks({ checks: rows }: Audit): Markup {
  return html`<section id="checks">
  <h2>The fifteen checks</h2>
  ${(Object.keys(AREAS) as Area[]).map(
    (area) => html`<h3 class="area">${AREAS[area]}</h3>
  ${table(
    `Checks of ${AREAS[area].toLowerCase()}`,
    [{ name: 'Check', kind: 'probe' }, { name: 'Status' }, { name: 'What it stands on' }],
    rows.filter(({ check }) => CHECKS[check].area === area).map((row) => ({ cells: cellsOf(row) })),
  )}`,
  )}
</section>`;
}

const TONES: Readonly<Record<AssessedCheck['status'], string>> = {
  passed: 'good',
  failed: 'bad',
  attested: '',
  'not assessed': 'fault',
};

function cellsOf(row: AssessedCheck): readonly Markup[] {
  const { title, question } = CHECKS[row.check];
  return [
    html`${title}`,
    html`<span class="status ${TONES[row.status]}">${statusWord(row)}</span>`,
    html`<span class="muted">${question}</span><ul>${standing(row).map((line) => html`<li>${line}</li>`)}</ul>`,
  ];
}

/** All findings, the gravest first. */
export function findings({ findings: all }: Audit): Markup {
  return html`<section id="findings">
  <h2>Findings</h2>
  <p class="lede">${all.length === 0 ? 'Nothing was found.' : `${tally(all)}.`}</p>
  <ol class="lessons">${all.map(finding)}</ol>
</section>`;
}

function finding({ severity, claim, evidence, remedy, check, source, retest }: Finding): Markup {
  const by = source.report === undefined ? source.name : html`<a href="${source.report}">${source.name}</a>`;
  return html`<li class="lesson">
    <span class="severity ${severity}">${severity[0]!.toUpperCase() + severity.slice(1)}</span>
    <div>
      <h3>${claim}</h3>
      <div class="told"><ul>${evidence.map((text) => html`<li>${text}</li>`)}</ul>
      <div><p><b>Remedy.</b> ${remedy}</p>
      <p class="small muted">${CHECKS[check].title}, by ${by}. Test it again: <code>${retest}</code></p></div></div>
    </div>
  </li>`;
}

/** The remediation plan, phase by phase. */
export function plan(audit: Audit): Markup {
  return html`<section id="plan">
  <h2>What to do</h2>
  <p class="lede">Four phases of two weeks. Critical findings stand in the first, whatever they are about.</p>
  ${audit.plan.map((one, index) => phase(one, index, audit))}
</section>`;
}

function phase({ title, weeks, items }: Phase, index: number, audit: Audit): Markup {
  return html`<div class="phase">
    <h3>${index + 1}. ${title} <span>${weeks}</span></h3>
    ${
      items.length === 0
        ? html`<p class="muted">Nothing.</p>`
        : html`<ol>${items.map(
            (item) => html`<li>
      <p>${item.severity !== null && html`<span class="severity ${item.severity}">${item.severity}</span> `}${item.action}</p>
      <p class="small muted">${item.severity !== null && mendsOf(item, audit).join(' ')}</p>
    </li>`,
          )}</ol>`
    }
  </div>`;
}

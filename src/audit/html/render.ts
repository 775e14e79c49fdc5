import { duration, moment } from '../../report/format.ts';
import { html, type Markup } from '../../report/html/markup.ts';
import { page } from '../../report/html/page.ts';
import { table } from '../../report/html/table.ts';
import { type Audit, FINDING_SEVERITIES } from '../contract.ts';
import { countsOf, VERDICT_WORDS } from '../words.ts';
import { checks, findings, plan } from './sections.ts';

const STYLES = `
.severity.low { color: var(--muted); }
.why { margin: 12px 0 0; padding-left: 18px; color: var(--muted); max-width: 80ch; }
.status { font-weight: 640; }
.phase { padding: 24px 0; border-top: 1px solid var(--line); }
.phase ol { margin: 12px 0 0; padding-left: 22px; display: grid; gap: 12px; }
.phase p { max-width: 80ch; } .phase h3 span { font-weight: 400; color: var(--muted); }
td ul { padding-left: 16px; margin: 0; } td li + li { margin-top: 4px; }
#checks table { table-layout: fixed; } #checks th:nth-child(1) { width: 255px; } #checks th:nth-child(2) { width: 145px; }
h3.area { margin-top: 34px; font-size: 18px; }
`;

/** The audit in the manner of the run report. */
export function renderHtml(audit: Audit): string {
  return page({
    title: `${audit.title}: audit`,
    header: first(audit),
    sections: [
      { id: 'checks', name: 'Checks', section: checks(audit) },
      { id: 'findings', name: 'Findings', section: findings(audit) },
      { id: 'plan', name: 'What to do', section: plan(audit) },
      { id: 'parts', name: 'What was played', section: parts(audit) },
      { id: 'record', name: 'Where and how', section: record(audit) },
    ],
    footer: `Made by Faultline ${audit.faultline} from audit ${audit.id}.`,
    styles: STYLES,
  });
}

function first(audit: Audit): Markup {
  const { title, verdict, startedAt, alarms } = audit;
  const { word, tone } = VERDICT_WORDS[verdict.word];
  return html`<header>
  <div class="top"><span><b>Faultline</b> audit</span><span>${moment(startedAt)}</span></div>
  <div class="title"><h1>${title}</h1></div>
  <div class="verdict ${tone}">
    <p class="word">${word}</p>
    <p class="headline">${verdict.headline}</p>
    ${verdict.why.length > 0 && html`<ul class="why">${verdict.why.map((line) => html`<li>${line}</li>`)}</ul>`}
  </div>
  ${alarms.map((alarm) => html`<p class="alarm" role="alert">It is not proven that every fault was taken back: ${alarm}. Look at the data plane before anything else.</p>`)}
  ${figures(audit)}
</header>`;
}

function figures(audit: Audit): Markup {
  const counts = countsOf(audit);
  const of = (severity: (typeof FINDING_SEVERITIES)[number]) =>
    audit.findings.filter((finding) => finding.severity === severity).length;
  const lesser = FINDING_SEVERITIES.slice(2).map((severity) => `${of(severity)} ${severity}`);
  const rows: readonly (readonly [name: string, value: number, detail: string])[] = [
    ['Critical findings', of('critical'), 'at once'],
    ['High findings', of('high'), `and ${lesser.join(', ')}`],
    ['Checks passed', counts.passed, `of ${audit.checks.length}; ${counts.failed} failed`],
    ['Not assessed', counts['not assessed'], `${counts.attested} attested`],
  ];
  return html`<dl class="figures">${rows.map(([name, value, detail]) => html`<div><dt>${name}</dt><dd>${value}</dd><dd>${detail}</dd></div>`)}</dl>`;
}

function parts({ parts: rows }: Audit): Markup {
  return html`<section id="parts">
  <h2>What was played</h2>
  ${table(
    'Parts of the suite in the order in which they were played',
    [
      { name: 'Part', kind: 'probe' },
      { name: 'Kind', kind: 'half' },
      { name: 'Outcome', kind: 'half' },
      { name: 'Took', kind: 'num' },
      { name: 'What it told' },
    ],
    rows.map(({ source, outcome, sentence, ms }) => ({
      cells: [
        source.report === undefined ? source.name : html`<a href="${source.report}">${source.name}</a>`,
        source.kind,
        outcome,
        duration(ms),
        sentence,
      ],
    })),
  )}
</section>`;
}

function record({ id, startedAt, endedAt, interrupted, environment, faultline, suite }: Audit): Markup {
  const rows: readonly (readonly [string, string])[] = [
    ['Audit', id],
    ['Began', moment(startedAt)],
    ['Ended', endedAt === null ? 'no end recorded' : moment(endedAt)],
    ...(interrupted === null ? [] : [['Not played to its end', interrupted] as const]),
    ['Environment', environment],
    ['Faultline', faultline],
    ['Suite', `${suite.file}, sha256 ${suite.hash}`],
  ];
  return html`<section id="record">
  <h2>Where and how</h2>
  <dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
  <pre>${suite.text}</pre>
</section>`;
}

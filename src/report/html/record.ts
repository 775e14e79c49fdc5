import { clockTime, duration, moment, since, UNKNOWN } from '../format.ts';
import type { Summary } from '../summary.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

export function timeline({ timeline: entries, run }: Summary): Markup | false {
  if (entries.length === 0) return false;
  return html`<section id="timeline">
  <h2>Timeline</h2>
  <p class="lede">Wall time (UTC), and time since the ${run.zero}.</p>
  <ol class="timeline">${entries.map(
    (entry) =>
      html`<li><time class="at" datetime="${entry.t}">${clockTime(entry.t)}</time><span class="s">${since(entry.s)}</span><span class="dot ${entry.tone}" aria-hidden="true"></span><span>${entry.text}</span></li>`,
  )}</ol>
</section>`;
}

export function environment({ environment: facts, run, gates, steps, verdict }: Summary): Markup {
  return html`<section id="environment">
  <h2>Where and how it ran</h2>
  <dl class="facts">
    <dt>Run</dt><dd class="mono">${run.id}</dd>
    <dt>Began, ended</dt><dd>${moment(run.startedAt)}, ${run.endedAt === null ? 'no end recorded' : moment(run.endedAt)} (${duration(run.durationMs)})</dd>
    ${verdict.exit !== null && html`<dt>Exit code</dt><dd>${verdict.exit}</dd>`}
    ${facts.timeScale !== null && html`<dt>Time scale</dt><dd>${facts.timeScale}</dd>`}
    <dt>Faultline</dt><dd>${facts.version ?? UNKNOWN}</dd>
    <dt>Seed</dt><dd>${facts.seed ?? UNKNOWN}</dd>
    ${run.tags.length > 0 && html`<dt>Tags</dt><dd>${run.tags.join(', ')}</dd>`}
    <dt>Data plane</dt><dd>${facts.control ?? UNKNOWN}${facts.dataPlane !== null && `, ${facts.dataPlane}`}</dd>
    <dt>Baseline</dt><dd>${duration(facts.baselineMs)}</dd>
    <dt>Journal</dt><dd>${facts.events} events</dd>
  </dl>
  ${
    steps.length > 0 &&
    table(
      'Steps',
      [
        { name: 'Step' },
        { name: 'Faults' },
        { name: 'From', kind: 'num' },
        { name: 'To', kind: 'num' },
        { name: 'Outcome' },
      ],
      steps.map((step) => ({
        cells: [
          `${step.number}. ${step.name}`,
          step.faults.join('; ') || 'none',
          since(step.fromS),
          since(step.toS),
          step.outcome,
        ],
      })),
      true,
    )
  }
  ${
    facts.proxies.length > 0 &&
    table(
      'Proxies',
      [{ name: 'Proxy', kind: 'probe' }, { name: 'Protocol' }, { name: 'Listens at' }, { name: 'Upstream' }],
      facts.proxies.map(({ name, protocol, listen, upstream }) => ({
        cells: [name, protocol, listen, upstream],
      })),
      true,
    )
  }
  ${
    gates.length > 0 &&
    table(
      'Gates before the run',
      [{ name: 'Gate' }, { name: 'Outcome' }, { name: 'Detail' }],
      gates.map(({ gate, passed, detail }) => ({
        cells: [
          gate,
          passed ? html`<span class="good">passed</span>` : html`<span class="bad">refused</span>`,
          detail,
        ],
      })),
      true,
    )
  }
</section>`;
}

export function experiment({ experiment: source }: Summary): Markup | false {
  if (source.text === '') return false;
  return html`<section id="experiment">
  <h2>The experiment</h2>
  <p class="lede">${source.file}, as it was read. Secrets are masked.</p>
  <p class="lede small mono">sha256 ${source.hash}</p>
  <pre tabindex="0"><code>${source.text}</code></pre>
</section>`;
}

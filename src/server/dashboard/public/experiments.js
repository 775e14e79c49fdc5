import { api } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';
import { Plan } from './plan.js';

/** Experiments that can be started by name, or the plan of one. */
export function Experiments({ me, live, rest }) {
  const [name] = rest;
  return name
    ? html`<${Plan} key=${name} name=${decodeURIComponent(name)} me=${me} live=${live} />`
    : html`<${All} live=${live} />`;
}

function All({ live }) {
  const [experiments, setExperiments] = useState(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    api('GET', '/api/experiments').then(
      (answer) => setExperiments(startableFirst(answer.experiments)),
      (error) => setSaid(error.message),
    );
  }, []);
  const running = (name) => live.runs.some(({ experiment }) => experiment === name);
  return html`<h1>Experiments</h1>
    <p class="muted">A plan touches nothing. It shows what a run would do, and starts it from there.</p>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${experiments === null && !said && html`<p class="empty">Loading…</p>`}
    ${experiments?.length === 0 && html`<p class="empty">There is none in the folder of experiments. <code>faultline init</code> writes one to start from.</p>`}
    <ul class="cards">
      ${(experiments ?? []).map((one) => html`<${Card} key=${one.name} experiment=${one} running=${running(one.name)} />`)}
    </ul>`;
}

function Card({ experiment: { name, title, tags, steps, problems }, running }) {
  return html`<li class="card">
    <h2>${title}</h2>
    <p class="muted small">${name}${tags.length > 0 ? ` · ${tags.join(', ')}` : ''}</p>
    ${running && html`<p class="fault"><a href="#/">● runs now</a></p>`}
    ${
      problems.length > 0
        ? html`<p class="bad"><b>✕ It cannot be started:</b></p>
          <ul class="bad small problems">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`
        : html`<p class="small">${steps.join(' → ')}</p>
          <p class="acts"><a class="button" href=${`#/experiments/${encodeURIComponent(name)}`} aria-label=${`Plan of ${name}`}>Plan</a></p>`
    }
  </li>`;
}

function startableFirst(experiments) {
  return experiments.toSorted((a, b) => Math.sign(a.problems.length) - Math.sign(b.problems.length));
}

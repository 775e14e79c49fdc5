import { api, span, time } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';
import { markOf } from './phases.js';
import { Trends } from './trend.js';

const PAGE = 25;
/** As many as the API gives at once. */
const TREND = 200;

/** Runs that are over, the newest first, with the trend of their verdicts. */
export function History({ live }) {
  const [recent, setRecent] = useState(null);
  const [experiment, setExperiment] = useState('');
  const [said, setSaid] = useState('');
  useEffect(() => {
    api('GET', `/api/runs?limit=${TREND}`).then(
      ({ runs }) => setRecent(runs),
      (error) => setSaid(error.message),
    );
  }, [live.ended]);
  const titles = new Map((recent ?? []).map((run) => [run.experiment, run.title]));
  return html`<h1>History</h1>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${recent === null && !said && html`<p class="empty">Loading…</p>`}
    ${recent?.length === 0 && html`<p class="empty">No run has ended yet. <a href="#/experiments">Plan an experiment</a>, and its verdict and report will be here.</p>`}
    ${
      recent?.length > 0 &&
      html`<h2>Trend of verdicts</h2>
      <ul class="key muted small" aria-label="Key to the strips"><li>✓ held</li><li>≠ deviated</li><li>✕ aborted</li><li>– refused</li><li>? inconclusive</li></ul>
      <${Trends} runs=${recent} onPick=${setExperiment} />
      <h2>Runs</h2>
      <p class="filter">
        <label>Experiment <select value=${experiment} onChange=${(event) => setExperiment(event.target.value)}>
          <option value="">all</option>
          ${[...titles].map(([name, title]) => html`<option key=${name} value=${name}>${title}</option>`)}
        </select></label>
      </p>
      <${Runs} key=${experiment} experiment=${experiment} ended=${live.ended} />`
    }`;
}

/** Pages by the last run of each page before; the first page has none before. */
function Runs({ experiment, ended }) {
  const [answer, setAnswer] = useState(null);
  const [pages, setPages] = useState([]);
  const [picked, setPicked] = useState([]);
  const [said, setSaid] = useState('');
  const before = pages.at(-1);
  useEffect(() => {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(experiment && { experiment }),
      ...(before && { before }),
    });
    api('GET', `/api/runs?${query}`).then(setAnswer, (error) => setSaid(error.message));
  }, [experiment, before, ended]);
  if (said) return html`<p class="bad" role="alert">${said}</p>`;
  if (!answer) return html`<p class="empty">Loading…</p>`;
  const { runs } = answer;
  const pick = (run) => (event) =>
    setPicked(event.target.checked ? [...picked, run].slice(-2) : picked.filter(({ id }) => id !== run.id));
  return html`
    <${Compare} picked=${picked} />
    <div class="scroll" tabindex="0" role="region" aria-label="Runs"><table class="runs">
      <thead><tr><th scope="col"><span class="unseen">Compare</span></th><th scope="col">Started</th><th scope="col">Experiment</th><th scope="col">Verdict</th><th scope="col">Recovery</th><th scope="col" class="number">Lessons</th><th scope="col">Report</th></tr></thead>
      <tbody>
        ${runs.map((run) => html`<${Row} key=${run.id} run=${run} picked=${picked.some(({ id }) => id === run.id)} onPick=${pick(run)} />`)}
      </tbody>
    </table></div>
    <p class="acts" role="group" aria-label="Pages of runs">
      ${pages.length > 0 && html`<button onClick=${() => setPages(pages.slice(0, -1))}>Newer</button>`}
      ${runs.length === PAGE && html`<button onClick=${() => setPages([...pages, runs.at(-1).id])}>Older</button>`}
    </p>`;
}

function Compare({ picked }) {
  const [a, b] = picked.toSorted((one, other) => one.id.localeCompare(other.id));
  if (!b) return html`<p class="muted small compare">Tick two runs of one experiment to compare them.</p>`;
  if (a.experiment !== b.experiment)
    return html`<p class="small compare" role="status">These are runs of two experiments; only runs of one can be compared.</p>`;
  return html`<p class="compare"><a href=${`/api/runs/${a.id}/compare/${b.id}`}>Compare the two</a></p>`;
}

function Row({ run, picked, onPick }) {
  const { mark, tone } = markOf(run.outcome);
  const at = time(run.startedAt);
  return html`<tr>
    <td><input type="checkbox" checked=${picked} onChange=${onPick} aria-label=${`Compare ${run.title}, ${at}`} /></td>
    <td>${at}</td>
    <td>${run.title}<br /><span class="muted small">${run.headline}</span></td>
    <td class=${tone}><span aria-hidden="true">${mark} </span><span>${run.outcome}</span></td>
    <td>${span(run.recoverMs)}</td>
    <td class="number">${run.lessons}</td>
    <td><a href=${`/api/runs/${run.id}/report.html`} aria-label=${`Report of ${run.title}, ${at}`}>report</a></td>
  </tr>`;
}

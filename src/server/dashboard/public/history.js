import { api, span, time } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

const TONES = { held: 'good', deviated: 'fault', aborted: 'bad' };

/** Runs that are over, the newest first, with the trend of their verdicts. */
export function History({ live }) {
  const [answer, setAnswer] = useState({ runs: [], degraded: null });
  const [said, setSaid] = useState('');
  const [experiment, setExperiment] = useState('');
  useEffect(() => {
    const query = experiment ? `?experiment=${encodeURIComponent(experiment)}` : '';
    api('GET', `/api/runs${query}`).then(setAnswer, (error) => setSaid(error.message));
  }, [experiment, live.ended]);
  const names = [...new Set(answer.runs.map((run) => run.experiment))];
  return html`<h1>History</h1>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${answer.degraded && html`<p class="banner warn">${answer.degraded}</p>`}
    <p>
      <label>Experiment <select value=${experiment} onChange=${(event) => setExperiment(event.target.value)}>
        <option value="">all</option>
        ${names.map((name) => html`<option>${name}</option>`)}
      </select></label>
    </p>
    ${
      answer.runs.length === 0
        ? html`<p class="empty">No run has ended yet.</p>`
        : html`<ol class="trend" aria-label="Verdicts, the oldest first">
            ${answer.runs.toReversed().map((run) => html`<li class=${TONES[run.outcome] ?? 'plain'} title=${`${time(run.startedAt)}: ${run.outcome}`}></li>`)}
          </ol>
          <div class="scroll"><table>
            <thead><tr><th>Started</th><th>Experiment</th><th>Verdict</th><th>Recovery</th><th class="number">Lessons</th><th>Report</th></tr></thead>
            <tbody>
              ${answer.runs.map(
                (run) => html`<tr>
                  <td>${time(run.startedAt)}</td>
                  <td>${run.title}<br /><span class="muted small">${run.headline}</span></td>
                  <td class=${TONES[run.outcome] ?? ''}>${run.outcome}</td>
                  <td>${span(run.recoverMs)}</td>
                  <td class="number">${run.lessons}</td>
                  <td><a href=${`/api/runs/${run.id}/report.html`}>report</a></td>
                </tr>`,
              )}
            </tbody>
          </table></div>`
    }`;
}

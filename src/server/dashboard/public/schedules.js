import { api, time } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

/** Schedules, with their next times in the viewer's zone and in their own. */
export function Schedules({ me, live }) {
  const [answer, setAnswer] = useState(null);
  const [history, setHistory] = useState(null);
  const [said, setSaid] = useState('');
  const look = () => api('GET', '/api/schedules').then(setAnswer, (error) => setSaid(error.message));
  useEffect(() => void look(), [live.ended]);
  const act = (name, what) => () =>
    api('POST', `/api/schedules/${name}/${what}`, {}).then(look, (error) => setSaid(error.message));
  const show = (name) => () =>
    api('GET', `/api/schedules/${name}/history`).then(
      (found) => setHistory({ name, entries: found.history }),
      (error) => setSaid(error.message),
    );
  if (!answer) return html`<h1>Schedules</h1>${said && html`<p class="bad">${said}</p>`}`;
  return html`<h1>Schedules</h1>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${!answer.leads && html`<p class="banner">Another controller plays the schedules.</p>`}
    ${answer.schedules.length === 0 && html`<p class="empty">There is none. Write <code>schedules.yaml</code> beside the experiments, and start <code>faultline serve</code> again.</p>`}
    <ul class="cards">
      ${answer.schedules.map(
        (one) => html`<li class="card">
          <h2>${one.name}${one.paused ? html` <span class="fault small">paused</span>` : ''}</h2>
          <p class="small"><code>${one.cron}</code> ${one.zone} · ${one.experiments.join(', ')}${one.experiments.length > 1 ? ` (${one.pick})` : ''} · ${one.concurrencyPolicy}</p>
          <ol class="small next">
            ${one.next.slice(0, 3).map((at) => html`<li>${time(at)} here, ${new Date(at).toLocaleTimeString(undefined, { timeZone: one.zone, timeStyle: 'short' })} in ${one.zone}</li>`)}
          </ol>
          <p class="acts">
            <button onClick=${show(one.name)}>History</button>
            ${me.role !== 'viewer' && html`<button onClick=${act(one.name, one.paused ? 'resume' : 'pause')}>${one.paused ? 'Resume' : 'Pause'}</button>`}
          </p>
        </li>`,
      )}
    </ul>
    ${
      history &&
      html`<h2>What became of ${history.name}</h2>
      ${history.entries.length === 0 && html`<p class="empty">Nothing was due yet.</p>`}
      <div class="scroll"><table>
        <thead><tr><th>Due</th><th>State</th><th>Experiment</th><th>Why</th></tr></thead>
        <tbody>
          ${history.entries.map((entry) => html`<tr><td>${time(entry.due)}</td><td>${entry.verdict ?? entry.state}</td><td>${entry.experiment ?? ''}</td><td>${entry.reason ?? ''}</td></tr>`)}
        </tbody>
      </table></div>`
    }`;
}

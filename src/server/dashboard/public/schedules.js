import { api, time } from './api.js';
import { html, useEffect, useRef, useState } from './lib/preact.js';
import { due, ScheduleForm } from './schedule-form.js';

const LOOK_MS = 5000;

/** Schedules, with their next times in the viewer's zone and in their own; making and changing them. */
export function Schedules({ me, live }) {
  const [answer, setAnswer] = useState(null);
  const [history, setHistory] = useState(null);
  /** What the form is open for: a schedule, null for a new one, undefined while it is shut. */
  const [form, setForm] = useState(undefined);
  /** Whose deletion was asked for once. */
  const [doomed, setDoomed] = useState('');
  const [said, setSaid] = useState('');
  const heading = useRef(null);
  const failed = (error) => setSaid(error.message);
  const look = () => api('GET', '/api/schedules').then(setAnswer, failed);
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [live.ended]);
  const act = (method, path) => () => {
    setSaid('');
    setDoomed('');
    return api(method, path, method === 'POST' ? {} : undefined).then(look, failed);
  };
  const show = (name) => () =>
    api('GET', `/api/schedules/${name}/history`).then(
      (found) => setHistory({ name, entries: found.history }),
      failed,
    );
  const shut = () => {
    setForm(undefined);
    heading.current?.focus();
  };
  const mayAct = me.role !== 'viewer';
  const acts = (one) => {
    const path = `/api/schedules/${one.name}`;
    return html`
      <button onClick=${act('POST', `${path}/${one.paused ? 'resume' : 'pause'}`)}>${one.paused ? 'Resume' : 'Pause'}</button>
      ${
        one.source === 'api' &&
        html`<button onClick=${() => setForm(one)}>Change</button>
        ${
          doomed === one.name
            ? html`<button class="danger" onClick=${act('DELETE', path)}>Delete for good</button>`
            : html`<button onClick=${() => setDoomed(one.name)}>Delete</button>`
        }`
      }`;
  };
  if (!answer) return html`<h1>Schedules</h1>${said && html`<p class="bad">${said}</p>`}`;
  return html`<div class="head">
      <h1 tabindex="-1" ref=${heading}>Schedules</h1>
      ${mayAct && form === undefined && html`<button class="primary" onClick=${() => setForm(null)}>New schedule</button>`}
    </div>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${!answer.leads && html`<p class="banner">Another controller plays the schedules.</p>`}
    ${
      form !== undefined &&
      html`<${ScheduleForm} key=${form?.name ?? ''} of=${form} onCancel=${shut}
        onDone=${() => {
          shut();
          look();
        }} />`
    }
    ${answer.schedules.length === 0 && form === undefined && html`<p class="empty">There is none. Make one here, or write <code>schedules.yaml</code> where <code>faultline serve</code> was started.</p>`}
    <ul class="cards">
      ${answer.schedules.map(
        (one) => html`<li class="card">
          <h2>${one.name}${one.paused ? html` <span class="fault small">paused</span>` : ''}</h2>
          <p class="small"><code>${one.cron}</code> ${one.zone} · ${one.experiments.join(', ')}${one.experiments.length > 1 ? ` (${one.pick})` : ''} · ${one.concurrencyPolicy}</p>
          <p class="small muted">${one.source === 'file' ? 'stands in the file of schedules' : `made here by ${one.by}`}</p>
          <ol class="small next">${one.next.slice(0, 3).map((at) => html`<li>${due(at, one.zone)}</li>`)}</ol>
          <p class="acts">
            <button onClick=${show(one.name)}>History</button>
            ${mayAct && acts(one)}
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

import { api, span } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

/** A run is checked, and its data plane may have to be started, before there is an answer. */
const START_PATIENCE_MS = 60_000;

/** What a run of an experiment would do, and the way to start it. */
export function Plan({ name, me, live }) {
  const [plan, setPlan] = useState(null);
  const [said, setSaid] = useState('');
  const path = `/api/experiments/${encodeURIComponent(name)}/plan`;
  useEffect(
    () =>
      void api('POST', path, {}).then(
        (answer) => setPlan(answer.plan),
        (error) => setSaid(error.message),
      ),
    [name, live.halt?.since, live.ended],
  );
  return html`<p class="small"><a href="#/experiments">All experiments</a></p>
    <h1>${plan?.title ?? name}</h1>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${!plan && !said && html`<p class="empty">Planning…</p>`}
    ${
      plan &&
      html`<p class="muted">${plan.hypothesis}</p>
      <${Start} plan=${plan} me=${me} live=${live} />
      <${Steps} plan=${plan} />
      <div class="beside">
        <${Reach} plan=${plan} />
        <${Stops} plan=${plan} />
      </div>
      <details><summary>The whole dry run, as <code>faultline plan</code> prints it</summary>
        <pre tabindex="0">${plan.text}</pre>
      </details>`
    }`;
}

function Start({ plan, me, live }) {
  const [approvers, setApprovers] = useState('');
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const people = approvers
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter(Boolean);
  const start = async (event) => {
    event.preventDefault();
    setSaid('');
    setBusy(true);
    try {
      await api(
        'POST',
        '/api/runs',
        { experiment: plan.name, approvedBy: people },
        { timeoutMs: START_PATIENCE_MS },
      );
      location.hash = '#/';
    } catch (error) {
      setSaid(error.message);
    }
    setBusy(false);
  };
  return html`<form class="start" onSubmit=${start}>
    ${plan.closed && html`<p class="banner warn" role="status"><b>It would be refused now:</b> ${plan.closed}.</p>`}
    ${live.runs.length > 0 && html`<p class="banner warn"><b>A run goes on:</b> ${live.runs.map(({ title }) => title).join(', ')}. It would be refused while the limits allow no more.</p>`}
    ${
      plan.approvals &&
      html`<div class="banner warn">
        <p><b>Needs ${plan.approvals.by === 1 ? 'somebody' : `${plan.approvals.by} people`} to approve:</b> ${plan.approvals.because.join('; ')}.</p>
        ${me.role !== 'viewer' && html`<label>Approved by, separated by commas <input value=${approvers} onInput=${(event) => setApprovers(event.target.value)} autocomplete="off" /></label>`}
      </div>`
    }
    ${said && html`<p class="banner bad" role="alert"><b>✕ Not started.</b> ${said}</p>`}
    ${
      me.role === 'viewer'
        ? html`<p class="muted">An operator or an admin may start it.</p>`
        : html`<p class="acts"><button class="primary" aria-describedby="start-said">Start</button><span id="start-said" class="muted small" role="status">${busy ? 'Starting: its gates are asked…' : `Faults begin after ${span(plan.baselineMs)} of baseline.`}</span></p>`
    }
  </form>`;
}

function Steps({ plan }) {
  const rows = [
    { name: 'baseline', durationMs: plan.baselineMs, faults: ['no fault'] },
    ...plan.steps.map((step, index) => ({ ...step, name: `${index + 1}. ${step.name}` })),
    {
      name: 'recovery',
      durationMs: plan.recoveryMs,
      faults: ['every fault is taken back, and that is proven'],
      atMost: true,
    },
  ];
  return html`<h2>Steps</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Steps"><table>
      <thead><tr><th scope="col">Step</th><th scope="col">Time</th><th scope="col">Faults</th></tr></thead>
      <tbody>
        ${rows.map(
          ({ name, durationMs, gateMs, faults, atMost }) => html`<tr key=${name}>
            <th scope="row">${name}</th>
            <td>${atMost ? 'at most ' : ''}${span(durationMs)}${gateMs ? html`<br /><span class="muted small">after ${span(gateMs)} of steady state</span>` : ''}</td>
            <td>${faults.map((fault) => html`<div>${fault}</div>`)}</td>
          </tr>`,
        )}
      </tbody>
    </table></div>`;
}

function Reach({ plan }) {
  return html`<section><h2>How far it goes</h2>
    <ul class="margins">
      ${plan.reach.map(({ what, value, most, used }) => {
        const percent = Math.min(100, Math.round(used * 100));
        return html`<li key=${what}>
          <span><b>${what}</b> ${value} <span class="muted">of ${most} allowed</span></span>
          <span class="used"><span class="bar" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent} aria-label=${what}><span class=${used > 1 ? 'beyond' : 'plain'} style=${{ width: `${percent}%` }}></span></span>
          <span class="small">${percent}%</span></span>
        </li>`;
      })}
    </ul></section>`;
}

function Stops({ plan }) {
  return html`<section><h2>When it is ended</h2>
    <ul>
      ${plan.stops.map(({ probe, limit }) => html`<li key=${`${probe} ${limit}`}><b>${probe === '*' ? 'any probe' : probe}</b> ${limit}</li>`)}
    </ul></section>`;
}

import { api, clock, span, time } from './api.js';
import { html, useState } from './lib/preact.js';
import { useTick } from './tick.js';

/** What stands in the way of trusting the page, or of starting anything: above every page, the gravest first. */
export function Troubles({ live, me }) {
  return html`
    <div><${Connection} live=${live} /></div>
    ${live.degraded.map((one) => html`<p key=${one} class="banner warn" role="status"><b>Degraded:</b> ${one}</p>`)}
    ${live.halt && html`<${Halted} halt=${live.halt} me=${me} />`}
  `;
}

function Connection({ live: { way, heardAt, stateAt, runs } }) {
  useTick(1000);
  if (way === 'lost')
    return html`<div class="banner bad lost">
      <p role="alert"><b>⚠ The control plane does not answer.</b> Nothing here is up to date. It is tried again every few seconds.</p>
      <p>Last heard of at ${clock(heardAt)}, ${span(Date.now() - heardAt)} ago. Runs go on under their own monitor, and faults that it does not renew end with their lease. To stop without the control plane: <code>faultline halt</code> on its machine.</p>
    </div>`;
  const age = Date.now() - stateAt;
  if (runs.length > 0 && way === 'slow' && age > 1500)
    return html`<p class="banner warn"><b>Live events are interrupted.</b> Figures are asked for every few seconds; these are ${span(age)} old.</p>`;
  return null;
}

function Halted({ halt, me }) {
  const [said, setSaid] = useState('');
  const lift = () => {
    setSaid('');
    api('DELETE', '/api/halt').catch((error) => setSaid(error.message));
  };
  return html`<div class="banner bad">
    <p role="status"><b>■ Halted</b> since ${time(halt.since)}${halt.by ? ` by ${halt.by}` : ''}: ${halt.reason || 'no reason given'}. No run starts until this is lifted.</p>
    ${me.role === 'viewer' ? html`<p class="small">An operator may lift it.</p>` : html`<p><button onClick=${lift}>Lift the halt</button></p>`}
    ${said && html`<p class="bad" role="alert">${said}</p>`}
  </div>`;
}

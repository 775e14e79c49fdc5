import { span } from './api.js';
import { html } from './lib/preact.js';

const SHOWN = 6;
const NEAR = 0.7;

/** The limits that are nearest, with how much of each is used. */
export function Margins({ margins, ended }) {
  if (margins.length === 0 || ended) return null;
  const nearest = [...margins].sort((a, b) => b.used - a.used);
  return html`<h2>Margin to the safety limits</h2>
    <ul class="margins">
      ${nearest.slice(0, SHOWN).map((margin) => html`<${Margin} key=${`${margin.probe} ${margin.limit}`} margin=${margin} />`)}
    </ul>
    ${nearest.length > SHOWN && html`<p class="muted small">${nearest.length - SHOWN} more are further away.</p>`}`;
}

function Margin({ margin: { probe, limit, value, used, beyond, heldMs, forMs } }) {
  const percent = Math.round(used * 100);
  const tone = beyond ? 'beyond' : used > NEAR ? 'near' : 'calm';
  return html`<li>
    <span>${probe ? html`<b>${probe}</b> ${value} <span class="muted">limit: ${limit}</span>` : html`<span class="muted">${limit}:</span> ${value}`}${
      beyond && forMs > 0
        ? html` <b class="bad">beyond for ${span(heldMs)}; ends the run at ${span(forMs)}</b>`
        : ''
    }</span>
    <span class="used">
      <span class="bar" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent} aria-label=${`${probe} ${limit}`}>
        <span class=${tone} style=${{ width: `${percent}%` }}></span>
      </span>
      <span class="small">${beyond ? '⚠ beyond' : used > NEAR ? `⚠ ${percent}%` : `${percent}%`}</span>
    </span>
  </li>`;
}

import { ProbeChart } from './chart.js';
import { figuresOf } from './figures.js';
import { html } from './lib/preact.js';

/** Each probe as it goes on, against its baseline and its limits. */
export function Probes({ run }) {
  if (run.probes.every(({ samples }) => samples.length === 0)) return null;
  return html`<h2>Probes against their baselines</h2>
    <ul class="key muted small" aria-label="Key to the pictures">
      <li class="samples">samples</li>
      <li class="failed">failed</li>
      <li class="baseline">baseline</li>
      <li class="expected">expected bound</li>
      <li class="limit">safety limit</li>
      <li class="area">step in force</li>
    </ul>
    <div class="probes">
      ${run.probes.map((probe) => html`<${Probe} key=${probe.name} probe=${probe} run=${run} />`)}
    </div>`;
}

function Probe({ probe, run }) {
  // What is missed now is no news of a run that is over.
  const missed = !run.end && probe.missed.length > 0;
  return html`<figure class=${missed ? 'missed' : ''}>
    <figcaption>
      <b>${probe.name}</b> <span class="muted">${probe.kind}</span>
      <span class=${missed ? 'bad' : 'good'}>${missed ? `✕ misses ${probe.missed.join(', ')}` : '✓ as expected'}</span>
      <span class="figures">${figuresOf(probe)}</span>
    </figcaption>
    <${ProbeChart} run=${run} probe=${probe} label=${`${probe.name}: ${figuresOf(probe)}`} />
  </figure>`;
}

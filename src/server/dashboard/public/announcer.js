import { html } from './lib/preact.js';
import { tellPhase } from './phases.js';
import { tellRun } from './stop.js';

/** Tells screen readers of changes of phase, and of nothing that changes with each sample. */
export function Announcer({ live: { runs, over, way } }) {
  const [last] = over;
  const told = [
    way === 'lost' ? 'The connection to the control plane is lost.' : '',
    ...runs.map((run) => `${run.title}: ${tellPhase(run)}.`),
    runs.length === 0 && last
      ? `${last.title} is over: ${last.end?.sentence ?? ''}. ${tellRun(last).text}`
      : '',
  ];
  return html`<p class="unseen" role="status">${told.filter(Boolean).join(' ')}</p>`;
}

import { time } from './api.js';
import { html } from './lib/preact.js';
import { markOf } from './phases.js';

const SHOWN = 20;

/** The last runs of each experiment as a strip of verdicts, the oldest first. */
export function Trends({ runs, onPick }) {
  const byExperiment = Map.groupBy(runs, ({ experiment }) => experiment);
  return html`<ul class="trends">
    ${[...byExperiment].map(([name, all]) => {
      const last = all.slice(0, SHOWN).toReversed();
      return html`<li key=${name}>
        <button class="link" onClick=${() => onPick(name)} aria-label=${`Show only runs of ${all[0].title}`}>${all[0].title}</button>
        <span class="muted small">${sumUp(last)}</span>
        <ol class="trend" aria-label=${`Verdicts of ${all[0].title}, the oldest first`}>
          ${last.map((run) => {
            const { mark, tone } = markOf(run.outcome);
            const text = `${time(run.startedAt)}: ${run.outcome}`;
            return html`<li key=${run.id}><a class=${tone} href=${`/api/runs/${run.id}/report.html`} title=${text} aria-label=${text}><span aria-hidden="true">${mark}</span></a></li>`;
          })}
        </ol>
      </li>`;
    })}
  </ul>`;
}

/** `last 3 runs: 2 held, 1 aborted`. */
function sumUp(runs) {
  const counts = [...Map.groupBy(runs, ({ outcome }) => outcome)].map(
    ([outcome, of]) => `${of.length} ${outcome}`,
  );
  return `${runs.length === 1 ? 'one run' : `last ${runs.length} runs`}: ${counts.join(', ')}`;
}

import { clock } from './api.js';
import { html } from './lib/preact.js';

const SHOWN = 20;

const TOLD = {
  'run-started': () => 'started',
  'baseline-started': () => 'measures its baseline',
  'step-held': (event) =>
    event.outcome === 'waiting' ? `held before step ${event.step + 1}` : `step ${event.step + 1} let go`,
  'step-skipped': (event) => `step ${event.step + 1} left out`,
  'step-applied': (event) => `step ${event.step + 1} in force`,
  'step-ended': (event) => `step ${event.step + 1} ended`,
  'left-baseline': (event) => `${event.probe} left its baseline: ${event.expectation}`,
  returned: (event) => `${event.probe} is itself again: ${event.expectation}`,
  breach: (event) => `⚠ safety limit breached: ${event.text}`,
  'bound-breached': (event) => `⚠ safety limit breached: ${event.text}`,
  missing: (event) => `⚠ ${event.probe} has given no sample for too long`,
  'rollback-started': (event) => `taking back: ${event.reason}`,
  'rollback-emptied': () => 'every fault is taken back',
  'rollback-proof': ({ proof }) =>
    proof.proven ? '✓ proven: nothing is left' : `✕ NOT PROVEN: ${proof.reason ?? ''}`,
  'run-ended': (event) => event.sentence,
};

/** What happened, the newest first. */
export function Log({ log, runs }) {
  const lines = log
    .filter(({ type }) => TOLD[type])
    .slice(-SHOWN)
    .reverse();
  if (lines.length === 0) return null;
  const several = new Set(lines.map(({ run }) => run)).size > 1;
  const titleOf = (id) => runs.find((run) => run.id === id)?.title ?? id;
  return html`<h2>What happened</h2>
    <ol class="log">
      ${lines.map(
        (event) => html`<li key=${`${event.run}${event.n}`}>
          <time datetime=${event.t}>${clock(event.t)}</time> ${several && html`<span class="muted">${titleOf(event.run)}:</span> `}${TOLD[event.type](event)}
        </li>`,
      )}
    </ol>`;
}

import { span } from './api.js';
import { html } from './lib/preact.js';

const STATES = { done: 'over', now: 'in force', next: 'to come' };

/** The steps of a run, with the one in force. */
export function Steps({ run }) {
  if (run.steps.length === 0) return null;
  return html`<ol class="steps" aria-label="Steps">
    ${run.steps.map(({ name, durationMs, faults }, index) => {
      const state = stateOf(run, index);
      return html`<li key=${index} class=${state} aria-current=${state === 'now' ? 'step' : undefined}>
        <b>${index + 1}. ${name}</b> <span class="muted">${span(durationMs)} · ${STATES[state]}</span>
        <span class="small muted">${faults.join('; ')}</span>
      </li>`;
    })}
  </ol>`;
}

function stateOf({ spans, phase }, index) {
  const own = spans.filter(({ step }) => step === index);
  if (own.some(({ to }) => to === null) && phase === 'step') return 'now';
  return own.length > 0 ? 'done' : 'next';
}

import { api, span } from './api.js';
import { ProbeChart } from './chart.js';
import { html, useEffect, useState } from './lib/preact.js';

export const PHASES = {
  checks: 'checks before the run',
  baseline: 'measuring the baseline',
  gate: 'waiting for the steady state',
  held: 'held before the next step',
  step: 'faults in force',
  rollback: 'taking everything back',
  recovery: 'measuring recovery',
  ended: 'over',
};

/** What happens to the system now. */
export function Live({ live, me }) {
  if (live.runs.length === 0)
    return html`<h1>Nothing runs</h1>
      <p class="empty">
        No fault of an experiment is in force. <a href="#/experiments">Start an experiment</a>${
          live.last
            ? html`, or read <a href=${`/api/runs/${live.last}/report.html`}>the report of the run that just ended</a>`
            : ''
        }.
      </p>
      <${Log} log=${live.log} />`;
  return html`${live.runs.map((run) => html`<${Run} key=${run.id} run=${run} me=${me} />`)}<${Log} log=${live.log} />`;
}

function Run({ run, me }) {
  const [said, setSaid] = useState('');
  const stop = () =>
    api('POST', `/api/runs/${run.id}/stop`, { reason: 'stopped from the dashboard' }).catch((error) =>
      setSaid(error.message),
    );
  return html`<section class="run" aria-label=${run.title}>
    <div class="head">
      <div>
        <h1>${run.title}</h1>
        <p class="muted">${run.hypothesis}</p>
        <p class="muted small">${run.id}${run.by ? ` · started by ${run.by}` : ''}</p>
      </div>
      ${me.role !== 'viewer' && html`<button class="danger" onClick=${stop}>Stop this run</button>`}
    </div>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    <${Steps} run=${run} />
    <div class="tiles">
      <${Tile} name="Phase" value=${PHASES[run.phase]} note=${run.phaseLength ? `${span(run.now - run.phaseSince)} of ${span(run.phaseLength)}` : span(run.now - run.phaseSince)} />
      <${Lease} run=${run} />
      <${Tile} name="Injected" value=${sum(run.faults, 'injected')} note=${`of ${sum(run.faults, 'matched')} matched in this step`} tone="fault" />
      <${Tile} name="Organic answers" value=${sum(run.proxies, 'organic')} note=${`connections open: ${sum(run.proxies, 'connections')}`} />
    </div>
    ${run.faults.length > 0 && html`<${Faults} faults=${run.faults} />`}
    <p class="muted small key">Blue: good samples. Red dots: failed ones. Dashed across: the baseline. Dashed upright: the first fault.</p>
    <div class="probes">
      ${run.probes.map(
        (probe) => html`<figure key=${probe.name} class=${probe.missed.length > 0 ? 'missed' : ''}>
          <figcaption>
            <b>${probe.name}</b>
            <span class="muted">${probe.kind}</span>
            ${
              probe.missed.length > 0
                ? html`<span class="bad">misses ${probe.missed.join(', ')}</span>`
                : html`<span class="good">within its expectations</span>`
            }
          </figcaption>
          <${ProbeChart} run=${run.id} probe=${probe} firstFault=${run.firstFault} now=${run.now} />
        </figure>`,
      )}
    </div>
    <${Margins} margins=${run.margins} />
  </section>`;
}

function Steps({ run }) {
  const state = (index) => {
    if (index < run.step || (index === run.step && ['rollback', 'recovery', 'ended'].includes(run.phase)))
      return 'done';
    return index === run.step && run.phase === 'step' ? 'now' : 'next';
  };
  return html`<ol class="steps">
    ${run.steps.map(
      (
        { name, durationMs, faults },
        index,
      ) => html`<li class=${state(index)} aria-current=${state(index) === 'now' ? 'step' : undefined}>
        <b>${name}</b> <span class="muted">${span(durationMs)}</span>
        <span class="small muted">${faults.join('; ')}</span>
      </li>`,
    )}
  </ol>`;
}

function Tile({ name, value, note, tone = '' }) {
  return html`<div class=${`tile ${tone}`}><span class="muted small">${name}</span><strong>${value}</strong><span class="muted small">${note}</span></div>`;
}

/** Counts down between two states, since the state comes twice a second. */
function Lease({ run }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 250);
    return () => clearInterval(timer);
  }, []);
  if (!run.lease) return html`<${Tile} name="Lease" value="none" note="no fault is in force" />`;
  const left = Math.max(0, run.lease.ms - (run.now - run.lease.renewedAt));
  return html`<${Tile} name="Lease" value=${span(left)} note=${`of ${span(run.lease.ms)}; without renewal all faults end with it`} />`;
}

function Faults({ faults }) {
  return html`<div class="scroll"><table>
    <thead><tr><th>Fault in force</th><th>Proxy</th><th>Toxicity</th><th class="number">Matched</th><th class="number">Injected</th></tr></thead>
    <tbody>
      ${faults.map(
        (
          fault,
        ) => html`<tr><td>${fault.type}</td><td>${fault.proxy}</td><td>${Math.round((fault.toxicity ?? 1) * 100)}%</td>
          <td class="number">${fault.matched}</td><td class="number">${fault.injected}</td></tr>`,
      )}
    </tbody>
  </table></div>`;
}

function Margins({ margins }) {
  if (margins.length === 0) return null;
  const nearest = [...margins].sort((a, b) => b.used - a.used).slice(0, 6);
  return html`<h2>Margin to the safety limits</h2>
    <ul class="margins">
      ${nearest.map(
        ({ probe, limit, value, used, beyond }) => html`<li>
          <span>${probe}: ${value} <span class="muted">(limit: ${limit})</span></span>
          <span class="bar" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(used * 100)} aria-label=${`${probe} ${limit}`}>
            <span class=${beyond ? 'beyond' : used > 0.7 ? 'near' : ''} style=${{ width: `${Math.min(100, used * 100)}%` }}></span>
          </span>
        </li>`,
      )}
    </ul>`;
}

const TOLD = {
  'step-applied': (event) => `step ${event.step + 1} in force`,
  'step-ended': (event) => `step ${event.step + 1} ended`,
  'left-baseline': (event) => `${event.probe} left its baseline: ${event.expectation}`,
  returned: (event) => `${event.probe} is itself again: ${event.expectation}`,
  breach: (event) => `safety limit breached: ${event.text}`,
  'bound-breached': (event) => `safety limit breached: ${event.text}`,
  'rollback-started': (event) => `taking back: ${event.reason}`,
  'rollback-emptied': () => 'every fault is taken back',
  'rollback-proof': (event) =>
    event.proof.proven ? 'proven: nothing is left' : `NOT PROVEN: ${event.proof.reason ?? ''}`,
  'run-ended': (event) => event.sentence,
  'gate-refused': (event) => `refused: ${event.reason}`,
};

function Log({ log }) {
  const lines = log
    .filter(({ type }) => TOLD[type])
    .slice(-14)
    .reverse();
  if (lines.length === 0) return null;
  return html`<h2>What happened</h2>
    <ol class="log" aria-live="polite">
      ${lines.map((event) => html`<li key=${`${event.run}${event.n}`}><time>${new Date(event.t).toLocaleTimeString()}</time> ${TOLD[event.type](event)}</li>`)}
    </ol>`;
}

function sum(list, key) {
  return list.reduce((total, one) => total + (one[key] ?? 0), 0);
}

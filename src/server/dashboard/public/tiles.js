import { span } from './api.js';
import { html } from './lib/preact.js';

/** How far a phase has come. */
export function Progress({ since, length, now }) {
  const gone = Math.max(0, now - since);
  const share = length ? Math.min(1, gone / length) : 0;
  return html`<p class="progress">
    <span class="bar" aria-hidden="true"><span style=${{ width: `${share * 100}%` }}></span></span>
    <span class="muted small">${span(gone)}${length ? ` of ${span(length)}` : ''}</span>
  </p>`;
}

/** The four figures that are looked at first. */
export function Tiles({ run, now, lost }) {
  const nearest = run.margins.reduce((worst, one) => (!worst || one.used > worst.used ? one : worst), null);
  return html`<div class="tiles">
    <${Lease} run=${run} now=${now} lost=${lost} />
    <${Tile} name="Nearest limit" value=${nearest ? `${Math.round(nearest.used * 100)}% used` : '–'} note=${nearest ? `${nearest.probe} ${nearest.value}` : 'nothing is measured yet'} tone=${nearest?.beyond ? 'bad' : ''} />
    <${Tile} name="Injected" value=${sum(run.faults, 'injected')} note=${`of ${sum(run.faults, 'matched')} matched in this step`} tone="fault" />
    <${Tile} name="Organic answers" value=${sum(run.proxies, 'organic')} note=${`in this step; open connections: ${sum(run.proxies, 'connections')}`} />
  </div>`;
}

function Tile({ name, value, note, tone = '' }) {
  return html`<div class=${`tile ${tone}`}><span class="muted small">${name}</span><strong>${value}</strong><span class="muted small">${note}</span></div>`;
}

function Lease({ run, now, lost }) {
  // Between two steps the lease is renewed of an empty set.
  if (!run.lease || !(run.phase === 'step' || run.faults.length > 0))
    return html`<${Tile} name="Lease" value="none" note="no fault is in force" />`;
  if (lost)
    return html`<${Tile} name="Lease" value="not known" note=${`of ${span(run.lease.ms)}; whether it is renewed cannot be seen`} tone="bad" />`;
  const left = Math.max(0, run.lease.ms - (now - run.lease.renewedAt));
  const note =
    left === 0 ? 'ran out: the faults have ended' : `of ${span(run.lease.ms)}; not renewed, all faults end`;
  return html`<${Tile} name="Lease left" value=${`${(left / 1000).toFixed(1)} s`} note=${note} />`;
}

function sum(list, key) {
  return list.reduce((total, one) => total + (one[key] ?? 0), 0);
}

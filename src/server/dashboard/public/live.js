import { clock, span } from './api.js';
import { Faults } from './faults.js';
import { html } from './lib/preact.js';
import { Log } from './log.js';
import { Margins } from './margins.js';
import { markOf, tellPhase } from './phases.js';
import { Probes } from './probes.js';
import { Steps } from './steps.js';
import { tellRun } from './stop.js';
import { useRunTime } from './tick.js';
import { Progress, Tiles } from './tiles.js';
import { Traffic } from './traffic.js';

/** What happens to the system now. */
export function Live({ live, me, press }) {
  const { runs, over, way } = live;
  return html`
    ${runs.length === 0 && html`<${Idle} over=${over} way=${way} me=${me} />`}
    ${runs.map((run) => html`<${Run} key=${run.id} run=${run} live=${live} press=${press} />`)}
    ${runs.length === 0 && over.slice(0, 1).map((run) => html`<${Run} key=${run.id} run=${run} live=${live} />`)}
    <${Log} log=${live.log} runs=${[...runs, ...over]} />
  `;
}

function Idle({ over, way, me }) {
  if (way === 'lost') return html`<h1>What runs is not known</h1>`;
  return html`<h1>Nothing runs</h1>
    <p class="empty">
      No fault of an experiment is in force. <a href="#/experiments">${me.role === 'viewer' ? 'See the experiments' : 'Start an experiment'}</a>${
        over.length === 0 ? html`, or look at <a href="#/history">those that ran</a>` : ''
      }.
    </p>`;
}

function Run({ run, live, press }) {
  const now = useRunTime(run, live);
  return html`<section class="run" aria-label=${run.title}>
    <div class="head">
      <div>
        ${run.end ? html`<h2>${run.title}</h2>` : html`<h1>${run.title}</h1>`}
        <p class="muted">${run.hypothesis}</p>
        <p class="muted small">${run.id}${run.by ? ` · started by ${run.by}` : ''}</p>
      </div>
      ${press && html`<button class="danger" onClick=${() => press(run.id)}>Stop this run</button>`}
    </div>
    <div>${run.end ? html`<${End} run=${run} />` : html`<${Phase} run=${run} now=${now} live=${live} />`}</div>
    <div><${Steps} run=${run} /></div>
    <div>${!run.end && html`<${Tiles} run=${run} now=${now} lost=${live.way === 'lost'} />`}</div>
    <div><${Faults} faults=${run.faults} ended=${run.end !== null} /></div>
    <div><${Margins} margins=${run.margins} ended=${run.end !== null} /></div>
    <div><${Probes} run=${run} now=${now} /></div>
    <div><${Traffic} run=${run} /></div>
  </section>`;
}

/** Nothing for this long is not usual: a run that lives says something every second. */
const SILENT_MS = 4000;

function Phase({ run, now, live }) {
  const inForce = run.faults.length > 0 || run.phase === 'step';
  return html`<div class=${`phase ${inForce ? 'in-force' : ''}`}>
    ${live.way === 'lost' && html`<p class="bad"><b>As it was last seen, at ${clock(live.stateAt)}:</b></p>`}
    <p class="now">${inForce ? '● ' : ''}${tellPhase(run)}</p>
    <${Progress} since=${run.phaseSince} length=${run.phaseLength} now=${now} />
    ${run.rollback && html`<p><b class=${tellRun(run).tone}>${tellRun(run).text}</b> ${run.rollback.reason}</p>`}
    ${run.silentMs > SILENT_MS && html`<p class="bad"><b role="alert">Its process says nothing any more.</b> The last of it came ${span(run.silentMs)} ago. Faults that it does not renew end with their lease.</p>`}
  </div>`;
}

function End({ run }) {
  const { verdict, sentence } = run.end;
  const { mark, tone } = markOf(run.refused ? 'refused' : verdict);
  const fate = tellRun(run);
  return html`<div class=${`phase ended ${tone}`}>
    <p class="now"><span class=${tone}>${run.refused ? '– refused' : `${mark} ${verdict}`}</span></p>
    <p>${sentence}</p>
    ${!run.refused && html`<p class=${fate.tone}>${fate.text}</p>`}
    ${run.rollback?.proof?.notUndone.length > 0 && html`<p class="small">Not to be undone: ${run.rollback.proof.notUndone.join('; ')}.</p>`}
    <p><a href=${`/api/runs/${run.id}/report.html`}>Read its report</a>${run.experiment && html` · <a href=${`#/experiments/${encodeURIComponent(run.experiment)}`}>Its plan</a>`}</p>
  </div>`;
}

import { api, span, time } from './api.js';
import { ProbeChart } from './chart.js';
import { html, useEffect, useState } from './lib/preact.js';
import { tellPhase } from './phases.js';

const LOOK_MS = 1000;

/** Game days that can be begun, and one of them as whoever looks may see it. */
export function GameDays({ live, me, rest }) {
  const [id] = rest;
  return id ? html`<${Day} key=${id} id=${id} me=${me} live=${live} />` : html`<${All} me=${me} />`;
}

function All({ me }) {
  const [answer, setAnswer] = useState(null);
  const [said, setSaid] = useState('');
  useEffect(() => void api('GET', '/api/gamedays').then(setAnswer, (error) => setSaid(error.message)), []);
  const begin = (name) => () =>
    api('POST', '/api/gamedays', { name }).then(
      ({ id }) => {
        location.hash = `#/gamedays/${id}`;
      },
      (error) => setSaid(error.message),
    );
  return html`<h1>Game days</h1>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${answer?.files.length === 0 && html`<p class="empty">There is none. Write one into the folder <code>gamedays</code> beside the experiments.</p>`}
    <ul class="cards">
      ${(answer?.files ?? []).map(
        ({ name, title, problems }) => html`<li class="card">
          <h2>${title}</h2>
          <p class="muted small">${name}</p>
          ${
            problems.length > 0
              ? html`<p class="bad small">${problems.join(' ')}</p>`
              : me.role !== 'viewer' &&
                html`<p class="acts"><button class="primary" onClick=${begin(name)}>Begin, or go on</button></p>`
          }
        </li>`,
      )}
    </ul>
    ${
      answer?.gameDays.length > 0 &&
      html`<h2>Begun</h2>
      <ul class="log">
        ${answer.gameDays.map(
          (one) =>
            html`<li><time>${time(one.startedAt)}</time> <a href=${`#/gamedays/${one.id}`}>${one.title}</a> ${one.endedAt ? 'is over' : html`<b>goes on</b>`}</li>`,
        )}
      </ul>`
    }`;
}

function Day({ id, me, live }) {
  const [day, setDay] = useState(null);
  const [said, setSaid] = useState('');
  const look = () => api('GET', `/api/gamedays/${id}`).then(setDay, (error) => setSaid(error.message));
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [id]);
  const own = day?.people.find(({ name }) => name === me.name);
  const joins = own && !own.joined && !day.endedAt;
  useEffect(() => {
    if (joins) api('POST', `/api/gamedays/${id}/join`, {}).catch(() => {});
  }, [joins]);
  /** Answers whether it was done. */
  const act = async (what, body = {}) => {
    try {
      await api('POST', `/api/gamedays/${id}/${what}`, body);
      setSaid('');
      look();
      return true;
    } catch (error) {
      setSaid(error.message);
      return false;
    }
  };
  if (!day) return html`<h1>Game day</h1>${said && html`<p class="bad" role="alert">${said}</p>`}`;
  const item = day.items[day.current];
  const steers = me.role !== 'viewer' && !['observer', 'scribe'].includes(own?.role);
  return html`<div class="gameday">
    <h1>${day.title}</h1>
    <ul class="people" aria-label="People">
      ${day.people.map(({ name, role, joined }) => html`<li class=${joined ? 'there' : ''}><b>${name}</b>${name === me.name ? ' (you)' : ''} <span class="muted">${role}${joined ? '' : ', not here yet'}</span></li>`)}
    </ul>
    ${day.trouble && html`<p class="bad" role="alert">${day.trouble}</p>`}
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${day.endedAt && html`<p class="over" role="status"><span>${day.stopped ? `Stopped by ${day.stopped.by}: ${day.stopped.reason}.` : 'All items are over.'} Notes of the debrief still go into the report.</span> <a class="button" href=${`/api/gamedays/${id}/report.html`}>Read the report</a></p>`}
    <div class="columns">
      <div>
        ${!day.endedAt && item && html`<${Now} day=${day} item=${item} me=${me} live=${live} act=${act} steers=${steers} />`}
        <h2>Agenda</h2>
        <ol class="agenda">
          ${day.items.map((one, index) => html`<${Item} key=${index} item=${one} index=${index} day=${day} me=${me} act=${act} />`)}
        </ol>
      </div>
      <section class="notes" aria-label="Timeline">
        <h2>Timeline</h2>
        <${Note} day=${day} me=${me} act=${act} />
        <ol class="log" aria-live="polite">
          ${[...day.log]
            .reverse()
            .map(
              ({ t, by, kind, text, step }) =>
                html`<li class=${kind}><time datetime=${t}>${clock(t)}</time><span><b>${by}</b> ${kind === 'note' ? quoted(text) : text}${kind === 'note' && step ? html` <span class="muted small">${step.name}</span>` : ''}</span></li>`,
            )}
        </ol>
      </section>
    </div>
  </div>`;
}

/** The item at its gate or under way, and what can be done about it. */
function Now({ day, item, me, live, act, steers }) {
  const index = day.current;
  const run = live.runs.find(({ id }) => id === (item.run ?? (item.blind ? 'blind' : '')));
  return html`<section class=${`now ${item.phase}`} aria-label="Now">
    <p class="muted small">Item ${index + 1} of ${day.items.length}${item.blind ? ' · blind' : ''} · ${item.experiment ?? 'what it does is told when it is over'}</p>
    <h2>${item.title}</h2>
    <p class="state"><b>${stateOf(item)}</b> <${Clock} item=${item} /></p>
    ${item.refused && html`<p class="bad">The run did not begin: ${item.refused}</p>`}
    ${item.waiting && html`<p class="fault" role="status">Held before step ${item.waiting.index + 1}: ${item.waiting.name}. No fault is in force.</p>`}
    ${item.alone && html`<p class="fault">The process that could hold its steps has ended: the run goes on by itself, and can be stopped.</p>`}
    ${run && html`<${Run} run=${run} item=${item} />`}
    ${item.phase === 'gate' && html`<${Prediction} item=${item} index=${index} day=${day} me=${me} act=${act} />`}
    ${steers && html`<${Controls} day=${day} item=${item} act=${act} />`}
  </section>`;
}

function stateOf(item) {
  if (item.waiting) return 'Held';
  if (item.phase === 'gate') return item.held ? 'The gate is held shut' : 'At its gate';
  if (item.held) return 'Under way; held before its next step';
  if (!item.step) return 'Under way';
  const number = `step ${item.step.index + 1}`;
  return `Under way: ${number}${item.step.name === number ? '' : `, ${item.step.name}`}`;
}

/** How long it has been so, or how long until its gate opens. */
function Clock({ item: { since, opensAt } }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (opensAt)
    return html`<span class="fault">opens by itself in ${span(Math.max(0, Date.parse(opensAt) - Date.now()))}</span>`;
  return (
    since && html`<span class="muted">for ${span(Math.max(1000, Date.now() - Date.parse(since)))}</span>`
  );
}

function Run({ run, item }) {
  return html`<p class="small muted">${tellPhase(run)}${run.phase === 'step' && run.faults.length > 0 ? html` · <span class="fault">${run.faults.map(({ proxy, type }) => `${type} on ${proxy}`).join(', ')}</span>` : ''}${item.run ? html` · <a href="#/">all of the run</a>` : ''}</p>
    <div class="probes">
      ${run.probes.map(
        (probe) => html`<figure key=${probe.name} class=${probe.missed.length > 0 ? 'missed' : ''}>
          <figcaption><b>${probe.name}</b> ${probe.missed.length > 0 ? html`<span class="bad">misses ${probe.missed.join(', ')}</span>` : html`<span class="good">within its expectations</span>`}</figcaption>
          <${ProbeChart} run=${run} probe=${probe} label=${probe.name} />
        </figure>`,
      )}
    </div>`;
}

function Controls({ day, item, act }) {
  const [asks, setAsks] = useState(false);
  const atGate = item.phase === 'gate';
  const aim = { item: day.current, gate: atGate };
  const end = () => act('stop').then(() => setAsks(false));
  return html`<div class="acts" role="group" aria-label="Gate">
    <button class="primary" disabled=${!atGate && !item.held} onClick=${() => act('go', { aim })}>${atGate ? 'Go: open the gate' : 'Go: let the step begin'}</button>
    <button disabled=${item.held || item.alone} onClick=${() => act('hold', { aim })}>${atGate ? 'Hold the gate' : 'Hold before the next step'}</button>
    <button disabled=${!atGate && !item.waiting} onClick=${() => act('skip', { aim })}>${atGate ? 'Skip this item' : 'Skip the held step'}</button>
    ${
      atGate
        ? asks
          ? html`<button class="danger" onClick=${end}>Yes, end the game day</button><button onClick=${() => setAsks(false)}>No</button>`
          : html`<button onClick=${() => setAsks(true)}>End the game day</button>`
        : html`<button class="danger" onClick=${end}>Stop the run, end the game day</button>`
    }
  </div>`;
}

const STATES = {
  ahead: 'ahead',
  gate: 'at its gate',
  running: 'under way',
  played: 'over',
  skipped: 'left out',
};
const TONES = { held: 'good', deviated: 'bad', aborted: 'bad', inconclusive: 'fault' };

function Item({ item, index, day, me, act }) {
  const ahead = !day.endedAt && item.phase === 'ahead';
  return html`<li class=${item.phase} aria-current=${index === day.current ? 'step' : undefined}>
    <p><b>${item.title}</b> <span class=${`state ${TONES[item.end?.verdict] ?? 'muted'}`}>${item.end?.verdict ?? STATES[item.phase]}</span></p>
    <p class="muted small">${item.experiment ?? 'hidden until it is over'}${item.blind ? ' · blind' : ''}</p>
    ${item.end && html`<p class="small">${item.end.sentence.replace(/^\w+: /, '')}</p>`}
    ${item.predicted.length > 0 && !item.predictions && html`<p class="small muted">Predicted, shown when it is over: ${item.predicted.join(', ')}</p>`}
    ${item.predictions?.length > 0 && html`<ul class="small">${item.predictions.map(({ by, text }) => html`<li><b>${by}</b> predicted: “${text}”</li>`)}</ul>`}
    ${ahead && html`<details><summary class="small">Predict already now</summary><${Prediction} item=${item} index=${index} day=${day} me=${me} act=${act} /></details>`}
  </li>`;
}

const EXPECTED = [
  ['', 'only in my words'],
  ['held', 'held: users notice nothing'],
  ['deviated', 'deviated: an expectation is missed'],
  ['aborted', 'aborted: a safety limit is breached'],
];

/** What somebody expects of an item; who is nobody of the game day says whose words they are. */
function Prediction({ item, index, day, me, act }) {
  const [verdict, setVerdict] = useState('');
  const [text, setText] = useState('');
  const [by, Whose] = useSpeaker(day, me);
  const say = async (event) => {
    event.preventDefault();
    const words = [verdict, text.trim()].filter(Boolean).join(', ');
    if (words && (await act('predictions', { item: index, text: words, by }))) {
      setText('');
      setVerdict('');
    }
  };
  return html`<form class="words" onSubmit=${say}>
    <p class="prompt">${item.prompt}</p>
    ${item.own && html`<p class="small">You predicted: “${item.own}”. A new one takes its place.</p>`}
    ${item.phase === 'gate' && item.predicted.length > 0 && html`<p class="small muted">Predicted, shown when it is over: ${item.predicted.join(', ')}</p>`}
    <label>It will be <select value=${verdict} onChange=${(event) => setVerdict(event.target.value)}>${EXPECTED.map(([value, name]) => html`<option value=${value}>${name}</option>`)}</select></label>
    <label class="wide">What happens, and first <input value=${text} maxlength="1900" autocomplete="off" onInput=${(event) => setText(event.target.value)} /></label>
    ${Whose}
    <button>Predict</button>
  </form>`;
}

/** A note, or an action item of somebody. */
function Note({ day, me, act }) {
  const [text, setText] = useState('');
  const [kind, setKind] = useState('note');
  const [by, Whose] = useSpeaker(day, me);
  const say = async (event) => {
    event.preventDefault();
    if (!text.trim()) return;
    const words = kind === 'note' ? text.trim() : `action: ${kind.slice('action '.length)}${text.trim()}`;
    if (await act('notes', { text: words, by })) {
      setText('');
      setKind('note');
    }
  };
  return html`<form class="words" onSubmit=${say}>
    <label class="wide">Note <input value=${text} maxlength="1900" autocomplete="off" onInput=${(event) => setText(event.target.value)} /></label>
    <label>As <select value=${kind} onChange=${(event) => setKind(event.target.value)}>
      <option value="note">a note</option>
      <option value="action ">an action item</option>
      ${day.people.map(({ name }) => html`<option value=${`action @${name} `}>an action item of ${name}</option>`)}
    </select></label>
    ${Whose}
    <button>Add</button>
  </form>`;
}

/** Whose words they are, and the field that asks for it where the token does not tell. */
function useSpeaker(day, me) {
  const known = day.people.some(({ name }) => name === me.name);
  const [by, setBy] = useState(day.people[0].name);
  if (known) return [undefined, null];
  return [
    by,
    html`<label>Who <select value=${by} onChange=${(event) => setBy(event.target.value)}>${day.people.map(({ name }) => html`<option value=${name}>${name}</option>`)}</select></label>`,
  ];
}

/** A note in its words; an action item without the marks by which it is known. */
function quoted(text) {
  const [, owner, words] = /^action:\s*(?:@(\S+)\s+)?(.*)$/i.exec(text) ?? [];
  if (words === undefined) return `“${text}”`;
  return html`<span class="action">action item${owner ? ` of ${owner}` : ''}</span> “${words}”`;
}

function clock(t) {
  return new Date(t).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

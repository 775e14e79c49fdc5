import { api, time } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

const LOOK_MS = 1000;

/** Game days that can be begun, and one of them as whoever looks may see it. */
export function GameDays({ me, rest }) {
  const [id] = rest;
  return id ? html`<${Day} key=${id} id=${id} me=${me} />` : html`<${All} me=${me} />`;
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

function Day({ id, me }) {
  const [day, setDay] = useState(null);
  const [said, setSaid] = useState('');
  const look = () => api('GET', `/api/gamedays/${id}`).then(setDay, (error) => setSaid(error.message));
  useEffect(() => {
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [id]);
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
  return html`<h1>${day.title}</h1>
    <p class="muted small">${day.people.map(({ name, role }) => `${name} (${role})`).join(', ')}</p>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${
      day.endedAt
        ? html`<p class="banner" role="status">${day.stopped ? `Stopped by ${day.stopped.by}: ${day.stopped.reason}. ` : 'Over. '}<a href=${`/api/gamedays/${id}/report.html`}>Read the report</a>.</p>`
        : me.role !== 'viewer' && html`<${Controls} day=${day} act=${act} />`
    }
    <ol class="cards">
      ${day.items.map((item, index) => html`<${Item} key=${index} item=${item} index=${index} day=${day} me=${me} act=${act} />`)}
    </ol>
    ${!day.endedAt && html`<${Words} label="Note" button="Note" day=${day} me=${me} onSay=${(text, by) => act('notes', { text, by })} />`}
    <h2>What people did and noted</h2>
    <ol class="log" aria-live="polite">
      ${[...day.log]
        .reverse()
        .map(
          ({ t, by, kind, text, step }) =>
            html`<li><time>${new Date(t).toLocaleTimeString()}</time> <b>${by}</b> ${kind === 'note' ? `“${text}”` : text}${step ? html` <span class="muted small">${step.name}</span>` : ''}</li>`,
        )}
    </ol>`;
}

function Controls({ day, act }) {
  const item = day.items[day.current];
  if (!item) return null;
  const atGate = item.phase === 'gate';
  return html`<p class="acts" role="group" aria-label="Gate">
    <button class="primary" disabled=${!atGate && !item.held} onClick=${() => act('go')}>${atGate ? 'Go: open the gate' : 'Go: let the step begin'}</button>
    <button disabled=${item.held || item.alone} onClick=${() => act('hold')}>${atGate ? 'Hold the gate' : 'Hold before the next step'}</button>
    <button disabled=${!atGate && !item.waiting} onClick=${() => act('skip')}>${atGate ? 'Skip this item' : 'Skip the held step'}</button>
    <button class="danger" onClick=${() => act('stop')}>End the game day</button>
  </p>`;
}

const PHASES = {
  ahead: 'ahead',
  gate: 'at its gate',
  running: 'under way',
  played: 'over',
  skipped: 'left out',
};

function Item({ item, index, day, me, act }) {
  const open = !day.endedAt && (item.phase === 'ahead' || item.phase === 'gate');
  return html`<li class="card" aria-current=${index === day.current ? 'step' : undefined}>
    <h2>${index + 1}. ${item.title}</h2>
    <p class="muted small">${item.experiment ?? 'hidden until it is over'}${item.blind ? ' · blind' : ''}</p>
    <p><b>${PHASES[item.phase]}</b>${item.held ? ', held' : ''}${item.opensAt ? `, opens by itself ${time(item.opensAt)}` : ''}</p>
    ${item.step && html`<p class="small">Step ${item.step.index + 1}: ${item.step.name}</p>`}
    ${item.waiting && html`<p class="fault" role="status">Held before step ${item.waiting.index + 1}: ${item.waiting.name}; no fault is in force</p>`}
    ${item.refused && html`<p class="bad">${item.refused}</p>`}
    ${item.end && html`<p>${item.end.sentence}</p>`}
    ${item.predicted.length > 0 && !item.predictions && html`<p class="small muted">Predicted, shown when it is over: ${item.predicted.join(', ')}</p>`}
    ${item.predictions?.length > 0 && html`<ul class="small">${item.predictions.map(({ by, text }) => html`<li><b>${by}</b> predicted: “${text}”</li>`)}</ul>`}
    ${open && html`<${Words} label=${item.prompt} button="Predict" day=${day} me=${me} onSay=${(text, by) => act('predictions', { item: index, text, by })} />`}
  </li>`;
}

/** Words of somebody; a token that is nobody of the game day says whose. */
function Words({ label, button, day, me, onSay }) {
  const own = day.people.some(({ name }) => name === me.name);
  const [text, setText] = useState('');
  const [by, setBy] = useState(own ? me.name : day.people[0].name);
  const say = async (event) => {
    event.preventDefault();
    if (text.trim() && (await onSay(text.trim(), own ? undefined : by))) setText('');
  };
  return html`<form class="words" onSubmit=${say}>
    <label>${label} <input value=${text} maxlength="2000" onInput=${(event) => setText(event.target.value)} /></label>
    ${!own && html`<label>Who <select value=${by} onChange=${(event) => setBy(event.target.value)}>${day.people.map(({ name }) => html`<option value=${name}>${name}</option>`)}</select></label>`}
    <button>${button}</button>
  </form>`;
}

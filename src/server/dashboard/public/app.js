import { api } from './api.js';
import { Experiments } from './experiments.js';
import { GameDays } from './gamedays.js';
import { History } from './history.js';
import { html, render, useEffect, useState } from './lib/preact.js';
import { Live } from './live.js';
import { Login } from './login.js';
import { Proxies } from './proxies.js';
import { Schedules } from './schedules.js';

const PAGES = [
  ['', 'Now', Live],
  ['experiments', 'Experiments', Experiments],
  ['history', 'History', History],
  ['schedules', 'Schedules', Schedules],
  ['gamedays', 'Game days', GameDays],
  ['proxies', 'Proxies', Proxies],
];

/** Live state by server-sent events; the browser connects again by itself, and each time begins with the whole state. */
function useLive(me) {
  const [live, setLive] = useState({ runs: [], log: [], connected: false, ended: 0 });
  useEffect(() => {
    if (!me) return;
    const events = new EventSource('/api/events');
    const on = (name, change) =>
      events.addEventListener(name, ({ data }) =>
        setLive((old) => ({ ...old, ...change(old, JSON.parse(data)) })),
      );
    events.onopen = () => setLive((old) => ({ ...old, connected: true }));
    events.onerror = () => setLive((old) => ({ ...old, connected: false }));
    on('state', (_old, { runs }) => ({ runs, connected: true }));
    on('journal', (old, { run, event }) => ({ log: [...old.log, { run, ...event }].slice(-200) }));
    on('ended', (old, { run }) => ({
      runs: old.runs.filter(({ id }) => id !== run),
      last: run,
      ended: old.ended + 1,
    }));
    return () => events.close();
  }, [me]);
  return live;
}

function App() {
  const [me, setMe] = useState(undefined);
  const [page, setPage] = useState(location.hash.slice(2));
  const [halt, setHalt] = useState(null);
  const [health, setHealth] = useState({ degraded: [] });
  const live = useLive(me);

  useEffect(() => {
    const look = () => setPage(location.hash.slice(2));
    addEventListener('hashchange', look);
    api('GET', '/api/me').then(setMe, () => setMe(null));
    return () => removeEventListener('hashchange', look);
  }, []);
  useEffect(() => {
    if (!me) return;
    const look = async () => {
      try {
        const [{ halted }, state] = await Promise.all([api('GET', '/api/halt'), api('GET', '/healthz')]);
        setHalt(halted);
        setHealth(state);
      } catch (error) {
        if (error.status === 401) setMe(null);
      }
    };
    look();
    const timer = setInterval(look, 3000);
    return () => clearInterval(timer);
  }, [me]);

  if (me === undefined) return html`<p class="empty">Loading…</p>`;
  if (me === null) return html`<${Login} onLogin=${setMe} />`;
  const [, , Page] = PAGES.find(([path]) => path === page.split('/')[0]) ?? PAGES[0];
  return html`
    <a class="skip" href="#main">Skip to content</a>
    <header>
      <b class="brand">Faultline</b>
      <nav aria-label="Pages">
        ${PAGES.map(([path, name]) => html`<a href=${`#/${path}`} aria-current=${page.split('/')[0] === path ? 'page' : undefined}>${name}</a>`)}
      </nav>
      <span class="who">${me.name} · ${me.role}${live.connected ? '' : html` · <span class="bad">connection lost, trying again</span>`}</span>
      <${Stop} halt=${halt} onHalt=${setHalt} me=${me} />
    </header>
    ${health.degraded.map((one) => html`<p class="banner warn" role="status">${one}</p>`)}
    ${halt && html`<p class="banner bad" role="status">Halted since ${new Date(halt.since).toLocaleString()}${halt.by ? ` by ${halt.by}` : ''}: ${halt.reason || 'no reason given'}. No run starts until this is lifted.</p>`}
    <main id="main"><${Page} live=${live} me=${me} rest=${page.split('/').slice(1)} /></main>
  `;
}

/** Throws the kill switch at once, without a question in between; a reason can be given with it. */
function Stop({ halt, onHalt, me }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const act = (method, body) => async () => {
    setBusy(true);
    setSaid('');
    try {
      await api(method, '/api/halt', body);
      onHalt((await api('GET', '/api/halt')).halted);
    } catch (error) {
      setSaid(error.message);
    }
    setBusy(false);
  };
  if (me.role === 'viewer') return html`<span class="muted">read only</span>`;
  return html`<span class="stop">
    ${
      halt
        ? html`<button disabled=${busy} onClick=${act('DELETE')}>Lift the halt</button>`
        : html`<button class="danger" onClick=${act('POST', { reason: 'stopped from the dashboard' })}>${busy ? 'Stopping…' : 'Stop everything'}</button>`
    }
    ${said && html`<span class="bad" role="alert">${said}</span>`}
  </span>`;
}

render(html`<${App} />`, document.getElementById('app'));

import { Announcer } from './announcer.js';
import { api, LOGGED_OUT, zone } from './api.js';
import { useConnection } from './connection.js';
import { Experiments } from './experiments.js';
import { GameDays } from './gamedays.js';
import { History } from './history.js';
import { html, render, useEffect, useErrorBoundary, useRef, useState } from './lib/preact.js';
import { Live } from './live.js';
import { Login } from './login.js';
import { Proxies } from './proxies.js';
import { Schedules } from './schedules.js';
import { StopEverything, StopProgress, useStop } from './stop.js';
import { Troubles } from './troubles.js';

const PAGES = [
  ['', 'Now', Live],
  ['experiments', 'Experiments', Experiments],
  ['history', 'History', History],
  ['schedules', 'Schedules', Schedules],
  ['gamedays', 'Game days', GameDays],
  ['proxies', 'Proxies', Proxies],
];

/** Who is logged in: undefined while that is asked, null for nobody. */
function useLogin() {
  const [me, setMe] = useState(undefined);
  const [expired, setExpired] = useState(false);
  useEffect(() => {
    const look = () =>
      api('GET', '/api/me').then(setMe, (error) => {
        if (error.status === 401) setMe(null);
        // Nobody was asked for a login: it is not known whether one is needed.
        else setTimeout(look, 2000);
      });
    const out = () =>
      setMe((old) => {
        if (old) setExpired(true);
        return null;
      });
    addEventListener(LOGGED_OUT, out);
    look();
    return () => removeEventListener(LOGGED_OUT, out);
  }, []);
  return { me, expired, setMe };
}

function usePage() {
  const [page, setPage] = useState(location.hash.slice(2));
  useEffect(() => {
    const look = () => setPage(location.hash.slice(2));
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return page.split('/');
}

function App() {
  const { me, expired, setMe } = useLogin();
  const [first, ...rest] = usePage();
  const live = useConnection(me);
  const { order, press, forget } = useStop(me, live.runs);
  const [path, name, Page] = PAGES.find(([path]) => path === first) ?? PAGES[0];
  const main = useRef(null);
  useEffect(() => {
    document.title = titleOf(live, name);
  });
  // A new page begins at its top, for eyes and for screen readers.
  useEffect(() => {
    if (location.hash) main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [path, rest[0]]);

  if (me === undefined) return html`<p class="empty">Loading…</p>`;
  if (me === null) return html`<${Login} onLogin=${setMe} expired=${expired} order=${order} />`;
  return html`
    <a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      main.current.focus();
    }}>Skip to content</a>
    <header>
      <b class="brand">Faultline</b>
      <nav aria-label="Pages">
        ${PAGES.map(([to, name]) => html`<a key=${to} href=${`#/${to}`} aria-current=${to === path ? 'page' : undefined}>${name}</a>`)}
      </nav>
      <span class="who">${me.name} · ${me.role}</span>
      <${StopEverything} press=${press} />
    </header>
    <${Announcer} live=${live} />
    <div><${Troubles} live=${live} me=${me} /></div>
    <div><${StopProgress} order=${order} live=${live} forget=${forget} /></div>
    <main id="main" tabindex="-1" ref=${main}>
      <${Sheltered} key=${path}><${Page} live=${live} me=${me} rest=${rest} press=${press} /><//>
    </main>
    <footer class="muted small">Times are those of ${zone()}.</footer>
  `;
}

/** A page that breaks must not take the stop button with it. */
function Sheltered({ children }) {
  const [error, reset] = useErrorBoundary();
  if (!error) return children;
  return html`<h1>This page broke</h1>
    <p class="bad" role="alert">${String(error)}</p>
    <p>Stopping works all the same. <button onClick=${reset}>Show it again</button></p>`;
}

function titleOf({ runs, way }, name) {
  if (way === 'lost') return '⚠ connection lost – Faultline';
  const [run] = runs;
  return run
    ? `${run.faults.length > 0 ? '● faults in force' : run.phase}: ${run.title} – Faultline`
    : `${name} – Faultline`;
}

render(html`<${App} />`, document.getElementById('app'));

import { api } from './api.js';
import { useEffect, useState } from './lib/preact.js';

const LOOK_MS = 3000;
const LOOK_PATIENCE_MS = 5000;
/** The state comes twice a second while a run goes on. */
const QUIET_MS = 4000;
const REOPEN_MS = 2000;
const MOST_LINES = 200;
const MOST_OVER = 3;

const NOTHING = {
  runs: [],
  /** Last states of runs that ended while the page was open, the newest first. */
  over: [],
  log: [],
  /** How many runs have ended since. */
  ended: 0,
  /** `live` by the stream of events, `slow` by asking now and then, `lost` where neither is answered. */
  way: 'slow',
  /** When the control plane last said anything, and when the state of runs came: wall clock in ms. */
  heardAt: Date.now(),
  stateAt: Date.now(),
  halt: null,
  degraded: [],
};

/** What the control plane tells, by its stream of events, and by asking every few seconds whatever becomes of the stream. */
export function useConnection(me) {
  const [live, setLive] = useState(NOTHING);
  useEffect(() => (me ? connect(setLive) : undefined), [me]);
  return live;
}

function connect(setLive) {
  let events;
  let reopening;
  let toldAt = 0;
  let closed = false;
  const change = (make) => setLive((old) => (closed ? old : { ...old, ...make(old) }));
  const heard = () => ({ heardAt: Date.now() });
  const streams = () => events?.readyState === EventSource.OPEN;

  /** Runs that were there and are not: they ended while nobody could tell. */
  const stateOf = (old, runs) => {
    for (const run of old.runs) if (runs.every(({ id }) => id !== run.id)) settle(run);
    return { runs, stateAt: Date.now() };
  };
  const settle = (run) =>
    api('GET', `/api/runs/${run.id}`).then(
      ({ summary }) => summary && change((old) => endedIn(old, run.id, lastOf(run, summary))),
      () => {},
    );

  const open = () => {
    clearTimeout(reopening);
    events?.close();
    if (document.hidden) return;
    events = new EventSource('/api/events');
    toldAt = Date.now();
    const on = (name, take) =>
      events.addEventListener(name, ({ data }) => {
        toldAt = Date.now();
        change((old) => ({ ...heard(), way: 'live', ...take(old, JSON.parse(data)) }));
      });
    events.onerror = () => {
      change(() => ({ way: 'slow' }));
      // One that was refused is not tried again by the browser.
      if (events.readyState === EventSource.CLOSED) reopening = setTimeout(open, REOPEN_MS);
      look();
    };
    on('state', (old, { runs }) => stateOf(old, runs));
    on('journal', (old, { run, event }) => ({ log: withLine(old.log, { run, ...event }) }));
    on('ended', (old, { run, live }) => endedIn(old, run, live));
  };

  const look = async () => {
    const ask = (path) => api('GET', path, undefined, { timeoutMs: LOOK_PATIENCE_MS });
    try {
      const [{ halted }, { degraded, running }] = await Promise.all([ask('/api/halt'), ask('/healthz')]);
      change((old) => ({ ...heard(), halt: halted, degraded, way: old.way === 'lost' ? 'slow' : old.way }));
      const quiet = Date.now() - toldAt > QUIET_MS;
      if (streams() && !(quiet && running.length > 0)) return;
      const { runs } = await ask('/api/live');
      change((old) => ({ ...heard(), ...stateOf(old, runs), way: 'slow' }));
      if (quiet) open();
    } catch (error) {
      // A server that hangs keeps the stream open and says nothing.
      const silent = !streams() || Date.now() - toldAt > QUIET_MS;
      if (error.status === 0 && silent) change(() => ({ way: 'lost' }));
    }
  };

  // A browser has few connections to one server: tabs that nobody looks at must not keep them from a stop.
  const seen = () => {
    if (document.hidden) events?.close();
    else open();
    look();
  };

  open();
  look();
  document.addEventListener('visibilitychange', seen);
  const timer = setInterval(look, LOOK_MS);
  return () => {
    closed = true;
    clearInterval(timer);
    clearTimeout(reopening);
    document.removeEventListener('visibilitychange', seen);
    events?.close();
  };
}

/** The events so far come again with each connection. */
function withLine(log, line) {
  const known = log.some(({ run, n }) => run === line.run && n === line.n);
  return known ? log : [...log, line].slice(-MOST_LINES);
}

function endedIn(old, run, live) {
  return {
    runs: old.runs.filter(({ id }) => id !== run),
    over: [live, ...old.over.filter(({ id }) => id !== run)].slice(0, MOST_OVER),
    ended: old.ended + 1,
    stateAt: Date.now(),
  };
}

function lastOf(run, { verdict: { outcome, exit, sentence, rollbackProven } }) {
  const proof = rollbackProven === null ? null : { proven: rollbackProven, reason: null, notUndone: [] };
  return {
    ...run,
    phase: 'ended',
    lease: null,
    faults: [],
    end: { verdict: outcome, exit, sentence },
    rollback: run.rollback || proof ? { reason: sentence, ...run.rollback, proof } : null,
  };
}

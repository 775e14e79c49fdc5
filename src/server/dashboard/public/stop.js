import { ApiError, api, clock } from './api.js';
import { html, useEffect, useRef, useState } from './lib/preact.js';

/** A halt waits itself until runs have taken their faults back. */
const PATIENCE_MS = 20_000;
const AGAIN_MS = 2000;
const WHO_MAY =
  'Only an operator or an admin may stop. Ask one of them, or run “faultline halt” on the machine of the control plane.';

/**
 * Stopping, of everything or of one run: each press sends it at once, whatever became of the press before, and it is sent again
 * until it is answered. Without a session it waits for the login and is sent then.
 */
export function useStop(me, runs) {
  const [order, setOrder] = useState(null);
  const sending = useRef(null);
  const press = (target) => {
    sending.current?.abort();
    const attempt = new AbortController();
    sending.current = attempt;
    const known = target ? [target] : runs.map(({ id }) => id);
    const begun = { target, known, at: Date.now(), state: 'sending', tries: 1, said: [] };
    setOrder(begun);
    if (me?.role === 'viewer') setOrder({ ...begun, state: 'role' });
    else
      send(
        begun,
        attempt.signal,
        (more) => !attempt.signal.aborted && setOrder((old) => ({ ...old, ...more })),
      );
  };
  useEffect(() => {
    if (me && order?.state === 'login') press(order.target);
  }, [me]);
  useEffect(() => () => sending.current?.abort(), []);
  return { order, press, forget: () => setOrder(null) };
}

async function send({ target, known }, signal, tell) {
  const stop = (run) =>
    api(
      'POST',
      `/api/runs/${run}/stop`,
      { reason: 'stopped from the dashboard' },
      { timeoutMs: PATIENCE_MS, signal },
    );
  const once = () =>
    target
      ? stop(target)
      : api(
          'POST',
          '/api/halt',
          { reason: 'stopped from the dashboard' },
          { timeoutMs: PATIENCE_MS, signal },
        );
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      const { said = [] } = await once();
      return tell({ state: 'accepted', answeredAt: Date.now(), said });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return tell({ state: 'login' });
      if (error.status === 403) return tell({ state: 'role' });
      if (error.status === 404) return tell({ state: 'over' });
      tell({ state: 'failing', tries, said: [error.message] });
      // What the kill switch cannot reach may still hear it by itself.
      if (!target && error.status >= 500) for (const run of known) stop(run).catch(() => {});
    }
    await new Promise((go) => setTimeout(go, AGAIN_MS));
  }
}

/** Never disabled, and nothing else ever stands in its place: a second press must not do something else. */
export function StopEverything({ press }) {
  return html`<button class="danger stop" onClick=${() => press(undefined)}>Stop everything</button>`;
}

/** How far the last press has come: sent, answered, taken back, proven. */
export function StopProgress({ order, live, forget }) {
  if (!order) return null;
  const { text, tone } = tellOrder(order);
  const fates = order.known.flatMap((id) => {
    const run = [...live.runs, ...live.over].find((one) => one.id === id);
    return run ? [{ id, lastSeen: live.way === 'lost' && !run.end, ...tellRun(run) }] : [];
  });
  const failing = ['failing', 'role'].includes(order.state);
  return html`<section class=${`banner stopping ${tone}`} aria-label="Stopping">
    <div role=${failing ? 'alert' : 'status'}>
      <p><b>${text}</b></p>
      ${order.state === 'failing' && html`<p>${order.said.join(' ')}</p>`}
      ${fates.map(({ id, lastSeen, name, text, tone }) => html`<p key=${id} class=${tone}><b>${name}</b>: ${lastSeen && 'when last seen, '}${text}</p>`)}
      ${order.state === 'accepted' && !order.target && order.known.length === 0 && html`<p>No run was going on.</p>`}
    </div>
    ${order.state === 'accepted' && order.said.length > 0 && html`<ul class="small muted">${order.said.map((line) => html`<li>${line}</li>`)}</ul>`}
    <button onClick=${forget}>Close</button>
  </section>`;
}

function tellOrder({ state, target, at, answeredAt, tries }) {
  const what = target ? 'Stop of this run' : 'Stop of everything';
  switch (state) {
    case 'sending':
      return {
        text: `${what}: sent at ${clock(at)}, waiting for the answer. It can be pressed again.`,
        tone: 'warn',
      };
    case 'failing':
      return {
        text: `${what} is NOT confirmed after ${tries === 1 ? 'one try' : `${tries} tries`} since ${clock(at)}; it is sent again every 2 s. Without it: “faultline halt” on the machine.`,
        tone: 'bad',
      };
    case 'role':
      return { text: WHO_MAY, tone: 'bad' };
    case 'login':
      return { text: 'Your session has ended: log in, and the stop is sent at once.', tone: 'bad' };
    case 'over':
      return { text: 'This run is over already.', tone: '' };
    default:
      return { text: `${what}: taken at ${clock(answeredAt)}.`, tone: '' };
  }
}

/** How far taking back has come in a run. */
export function tellRun({ title, rollback, phase, end }) {
  const proof = rollback?.proof;
  if (proof?.proven) return { name: title, text: 'proven: nothing is left of the faults ✓', tone: 'good' };
  if (proof)
    return { name: title, text: `NOT PROVEN that nothing is left ✕ ${proof.reason ?? ''}`, tone: 'bad' };
  if (end) return { name: title, text: `over, and no fault had been in force`, tone: '' };
  if (rollback?.emptiedAt != null)
    return { name: title, text: 'every fault is taken back; being proven…', tone: '' };
  return { name: title, text: phase === 'rollback' ? 'taking back…' : 'still going on', tone: 'fault' };
}

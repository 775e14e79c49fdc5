import { api } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

const EXAMPLE = '{"latency": 250}';
const LOOK_MS = 5000;

/** Proxies of the data plane, and toxics put on them by hand. */
export function Proxies({ me, live }) {
  const [proxies, setProxies] = useState(null);
  const [kinds, setKinds] = useState([]);
  const [said, setSaid] = useState('');
  const look = () =>
    api('GET', '/api/proxies').then(
      (found) => {
        setProxies(Object.values(found));
        setSaid('');
      },
      (error) => setSaid(error.message),
    );
  useEffect(() => {
    api('GET', '/api/toxics').then(
      ({ toxics }) => setKinds(toxics),
      () => {},
    );
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<h1>Proxies</h1>
    <p class="muted">Toxics that stand here are put by hand: they have no lease and stay until they are taken back. A run is not started while there are any.</p>
    ${said && html`<p class="banner bad" role="alert">${said}</p>`}
    ${said && proxies === null && html`<p class="empty">Start one with <code>faultline proxy</code>; a run starts its own while it goes on.</p>`}
    ${live.runs.length > 0 && html`<p class="banner warn">A run goes on: a toxic put here now spoils what it measures.</p>`}
    ${proxies?.length === 0 && html`<p class="empty">The data plane has no proxy.</p>`}
    <ul class="cards">
      ${(proxies ?? []).map((proxy) => html`<${Card} key=${proxy.name} proxy=${proxy} kinds=${kinds} me=${me} look=${look} />`)}
    </ul>`;
}

function Card({ proxy, kinds, me, look }) {
  const [said, setSaid] = useState(null);
  const path = `/api/proxies/${encodeURIComponent(proxy.name)}/toxics`;
  const may = me.role !== 'viewer';
  const act = async (done, promise) => {
    try {
      await promise;
      setSaid({ text: done, tone: 'good' });
    } catch (error) {
      setSaid({ text: `✕ ${error.message}`, tone: 'bad' });
    }
    look();
  };
  const takeBack = (toxic) => () =>
    act(`${toxic.name} is taken back.`, api('DELETE', `${path}/${encodeURIComponent(toxic.name)}`));
  return html`<li class="card">
    <h2>${proxy.name}</h2>
    <p class="muted small">${proxy.listen} → ${proxy.upstream}${proxy.enabled ? '' : ' · disabled'}</p>
    ${proxy.toxics.length === 0 && html`<p class="small">No toxic: traffic passes untouched.</p>`}
    <ul class="toxics">
      ${proxy.toxics.map(
        (toxic) => html`<li key=${toxic.name}>
          <span class="fault"><b>● ${toxic.type}</b></span> ${toxic.stream} ${Math.round(toxic.toxicity * 100)}% <code>${JSON.stringify(toxic.attributes)}</code>
          ${may && html`<button onClick=${takeBack(toxic)} aria-label=${`Take back ${toxic.name} of ${proxy.name}`}>Take back</button>`}
        </li>`,
      )}
    </ul>
    ${may ? html`<${AddToxic} proxy=${proxy} kinds=${kinds} onAdd=${(toxic) => act(`${toxic.type} is in force until it is taken back.`, api('POST', path, toxic))} onWrong=${(text) => setSaid({ text: `✕ ${text}`, tone: 'bad' })} />` : html`<p class="muted small">An operator may put toxics here.</p>`}
    <p class=${`small ${said?.tone ?? ''}`} role="status">${said?.text ?? ''}</p>
  </li>`;
}

/** Kinds that fit the proxy's protocol; one that is picked brings its attributes, to be changed. */
function AddToxic({ proxy: { name, protocol }, kinds, onAdd, onWrong }) {
  const fitting = kinds.filter(({ protocols }) => !protocol || protocols.includes(protocol));
  const [type, setType] = useState('latency');
  const kind = fitting.find((one) => one.type === type) ?? fitting[0];
  if (!kind) return null;
  const add = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    let attributes;
    try {
      attributes = JSON.parse(form.get('attributes') || '{}');
    } catch {
      onWrong(`The attributes are no JSON: write them as ${EXAMPLE}.`);
      return;
    }
    const toxicity = Number(form.get('toxicity')) / 100;
    onAdd({ type: kind.type, toxicity, stream: form.get('stream'), attributes });
  };
  return html`<form class="toxic" onSubmit=${add} aria-label=${`Put a toxic on ${name}`}>
    <label>Type <select name="type" value=${kind.type} onChange=${(event) => setType(event.target.value)}>
      ${fitting.map((one) => html`<option key=${one.type} value=${one.type}>${one.type}</option>`)}
    </select></label>
    <p class="muted small">${kind.summary}</p>
    <label>Stream <select name="stream" key=${kind.type}>${kind.streams.map((stream) => html`<option key=${stream} value=${stream}>${stream}</option>`)}</select></label>
    <label>Toxicity % <input name="toxicity" type="number" min="0" max="100" value="100" required /></label>
    <label>Attributes <input name="attributes" key=${kind.type} defaultValue=${JSON.stringify(kind.attributes)} spellcheck=${false} autocapitalize="off" /></label>
    <button>Add</button>
  </form>`;
}

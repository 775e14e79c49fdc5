import { api } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

const EXAMPLE = '{"latency": 250}';

/** Proxies of the data plane, and toxics put on them by hand. */
export function Proxies({ me }) {
  const [proxies, setProxies] = useState([]);
  const [said, setSaid] = useState('');
  const look = () =>
    api('GET', '/api/proxies').then(
      (found) => setProxies(Object.values(found)),
      (error) => setSaid(error.message),
    );
  useEffect(() => void look(), []);
  const act = (promise) =>
    promise
      .then(
        () => setSaid(''),
        (error) => setSaid(error.message),
      )
      .then(look);
  const add = (name) => (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    let attributes;
    try {
      attributes = JSON.parse(form.get('attributes') || '{}');
    } catch {
      setSaid(`The attributes are no JSON: write them as ${EXAMPLE}.`);
      return;
    }
    act(
      api('POST', `/api/proxies/${encodeURIComponent(name)}/toxics`, {
        type: form.get('type').trim(),
        toxicity: Number(form.get('toxicity')) / 100,
        attributes,
      }),
    );
  };
  return html`<h1>Proxies</h1>
    <p class="muted">Toxics that stand here are put by hand: they have no lease and stay until they are taken back. A run is not started while there are any.</p>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    <ul class="cards">
      ${proxies.map(
        (proxy) => html`<li class="card">
          <h2>${proxy.name}</h2>
          <p class="muted small">${proxy.listen} → ${proxy.upstream}${proxy.enabled ? '' : ' · disabled'}</p>
          <ul class="small">
            ${proxy.toxics.map(
              (toxic) => html`<li>
                <b>${toxic.type}</b> ${toxic.stream} ${Math.round(toxic.toxicity * 100)}% <code>${JSON.stringify(toxic.attributes)}</code>
                ${
                  me.role !== 'viewer' &&
                  html` <button onClick=${() => act(api('DELETE', `/api/proxies/${encodeURIComponent(proxy.name)}/toxics/${encodeURIComponent(toxic.name)}`))}>Take back</button>`
                }
              </li>`,
            )}
          </ul>
          ${
            me.role !== 'viewer' &&
            html`<form class="toxic" onSubmit=${add(proxy.name)}>
            <label>Type <input name="type" value="latency" required /></label>
            <label>Toxicity % <input name="toxicity" type="number" min="0" max="100" value="100" /></label>
            <label>Attributes <input name="attributes" value=${EXAMPLE} /></label>
            <button>Add</button>
          </form>`
          }
        </li>`,
      )}
    </ul>`;
}

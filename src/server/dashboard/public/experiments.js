import { api } from './api.js';
import { html, useEffect, useState } from './lib/preact.js';

/** Experiments that can be started by name, each with its dry run. */
export function Experiments({ me }) {
  const [experiments, setExperiments] = useState(null);
  const [plan, setPlan] = useState(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    api('GET', '/api/experiments').then(
      (answer) => setExperiments(answer.experiments),
      (error) => setSaid(error.message),
    );
  }, []);
  const show = (name) => async () => {
    setSaid('');
    try {
      setPlan({
        name,
        text: (await api('POST', `/api/experiments/${encodeURIComponent(name)}/plan`, {})).plan,
      });
    } catch (error) {
      setSaid(error.message);
    }
  };
  const start = (name) => async () => {
    setSaid('');
    try {
      await api('POST', '/api/runs', { experiment: name });
      location.hash = '#/';
    } catch (error) {
      setSaid(error.message);
    }
  };
  return html`<h1>Experiments</h1>
    ${said && html`<p class="bad" role="alert">${said}</p>`}
    ${experiments?.length === 0 && html`<p class="empty">There is none in the folder of experiments. <code>faultline init</code> writes one to start from.</p>`}
    <ul class="cards">
      ${(experiments ?? []).map(
        ({ name, title, tags, steps, problems }) => html`<li class="card">
          <h2>${title}</h2>
          <p class="muted small">${name}${tags.length > 0 ? ` · ${tags.join(', ')}` : ''}</p>
          ${
            problems.length > 0
              ? html`<p class="bad small">${problems.join(' ')}</p>`
              : html`<p class="small">${steps.join(' → ')}</p>
                <p class="acts">
                  <button onClick=${show(name)}>Plan</button>
                  ${me.role !== 'viewer' && html`<button class="primary" onClick=${start(name)}>Start</button>`}
                </p>`
          }
        </li>`,
      )}
    </ul>
    ${
      plan &&
      html`<section aria-label=${`Plan of ${plan.name}`}>
      <h2>What ${plan.name} would do</h2>
      <pre tabindex="0">${plan.text}</pre>
    </section>`
    }`;
}

import { TrafficChart } from './chart.js';
import { html } from './lib/preact.js';

/** Answers of each proxy, by who gave them: its upstream, or a fault. */
export function Traffic({ run }) {
  if (run.proxies.every(({ rates }) => rates.length === 0)) return null;
  return html`<h2>Injected against organic answers</h2>
    <ul class="key muted small" aria-label="Key to the pictures"><li class="organic">organic: its upstream answered</li><li class="injected">injected: a fault answered or changed it</li></ul>
    <div class="probes">
      ${run.proxies.map((proxy) => html`<${Answers} key=${proxy.name} proxy=${proxy} run=${run} />`)}
    </div>`;
}

function Answers({ proxy, run }) {
  const { name, organic, injected, connections, rates } = proxy;
  const [, organicNow = 0, injectedNow = 0] = rates.at(-1) ?? [];
  const figures = `organic ${organic} (${rate(organicNow)}) · injected ${injected} (${rate(injectedNow)})`;
  return html`<figure>
    <figcaption><b>${name}</b> <span class="muted">open connections: ${connections}</span> <span class="figures">${figures}</span></figcaption>
    <${TrafficChart} run=${run} proxy=${proxy} label=${`${name}: ${figures}`} />
  </figure>`;
}

function rate(perSecond) {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
}

import { html } from './lib/preact.js';

/** The faults in force, with what each did. */
export function Faults({ faults, ended }) {
  if (faults.length === 0 || ended) return null;
  return html`<h2>Faults in force</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Faults in force"><table>
      <thead><tr><th scope="col">Fault</th><th scope="col">Proxy</th><th scope="col" class="number">Toxicity</th><th scope="col" class="number">Matched</th><th scope="col" class="number">Injected</th></tr></thead>
      <tbody>
        ${faults.map(
          (fault) => html`<tr key=${fault.id}>
            <td>${fault.type}</td>
            <td>${fault.proxy}</td>
            <td class="number">${Math.round((fault.toxicity ?? 1) * 100)}%</td>
            <td class="number">${fault.uncounted ? 'not counted' : fault.matched}</td>
            <td class="number">${fault.uncounted ? 'not counted' : fault.injected}</td>
          </tr>`,
        )}
      </tbody>
    </table></div>`;
}

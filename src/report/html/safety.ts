import { driverCells, percent, safetySentences, since } from '../format.ts';
import type { Summary } from '../summary.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** That nothing was left behind. */
export function rollback({ rollback: facts }: Summary): Markup | false {
  if (!facts) return false;
  return html`<section id="rollback">
  <h2>Rollback, and its proof</h2>
  <p class="lede">${facts.cause === 'finished' ? 'After the last step' : `Because ${facts.reason}${facts.by === null ? '' : ` (by ${facts.by})`}`}, the faults were taken back at ${since(facts.emptiedS)}${
    facts.proven ? ` and that was proven at ${since(facts.provenS)}.` : '.'
  }</p>
  <ul class="checks">
    ${check(facts.empty, 'The fault set is empty', 'The fault set is not known to be empty')}
    ${check(facts.held === null ? null : facts.held === 0, 'Nothing is held or delayed any more', `${facts.held ?? 'An unknown number of'} units are still held`)}
    ${check(
      facts.canaries.length === 0 ? null : facts.canaries.every((canary) => canary.same),
      'Every canary answers through the proxy as it does straight from the upstream',
      'Not every canary answers through the proxy as it does straight from the upstream',
    )}
    ${facts.whyNotProven !== null && html`<li class="bad"><span aria-hidden="true">✕</span><span>Not proven: ${facts.whyNotProven}</span></li>`}
  </ul>
  ${
    facts.canaries.length > 0 &&
    table(
      'Canaries',
      [
        { name: 'Proxy', kind: 'probe' },
        { name: 'Canary' },
        { name: 'Through the proxy' },
        { name: 'Straight from the upstream' },
        { name: 'Outcome' },
      ],
      facts.canaries.map((canary) => ({
        cells: [
          canary.proxy,
          html`<code>${canary.canary}</code>`,
          html`<code>${canary.through}</code>`,
          html`<code>${canary.direct}</code>`,
          canary.same ? html`<span class="good">alike</span>` : html`<span class="bad">different</span>`,
        ],
      })),
    )
  }
  ${
    facts.drivers.length > 0 &&
    table(
      'Drivers',
      [
        { name: 'Driver', kind: 'probe' },
        { name: 'Its faults' },
        { name: 'Held or delayed' },
        { name: 'Remark' },
      ],
      facts.drivers.map((row) => ({ cells: [row.driver, ...driverCells(row)] })),
    )
  }
  ${
    facts.notUndone.length > 0
      ? html`<h3>What no rollback can undo</h3><ul>${facts.notUndone.map((text) => html`<li>${text}</li>`)}</ul>`
      : html`<p class="lede">Nothing is recorded that a rollback could not undo.</p>`
  }
</section>`;
}

function check(passed: boolean | null, good: string, bad: string): Markup {
  if (passed === null)
    return html`<li class="muted"><span aria-hidden="true">?</span><span>Unknown: ${good[0]!.toLowerCase() + good.slice(1)}</span></li>`;
  return passed
    ? html`<li><span class="good" aria-hidden="true">✓</span><span>${good}</span></li>`
    : html`<li class="bad"><span aria-hidden="true">✕</span><span>${bad}</span></li>`;
}

/** How near the run came to what would have stopped it. */
export function limits({ limits: rows, safety }: Summary): Markup | false {
  if (rows.length === 0 && !safety) return false;
  return html`<section id="limits">
  <h2>Safety limits and their margin</h2>
  ${safety && html`<ul class="checks">${safetySentences(safety).map((text) => html`<li><span>${text}</span></li>`)}</ul>`}
  ${
    rows.length > 0 &&
    html`<p class="lede">How much of the way to each limit was gone, on the probe that came nearest.</p>
  ${table(
    'Limits',
    [
      { name: 'Limit' },
      { name: 'Watches' },
      { name: 'Nearest', kind: 'probe' },
      { name: 'Used' },
      { name: 'What was seen' },
    ],
    rows.map((row) => ({
      cells: [
        html`<span>${row.rule} <span class="muted">(${row.source})</span></span>`,
        row.watches,
        row.nearest,
        usedShare(row),
        row.sentence,
      ],
    })),
  )}`
  }
  ${
    safety !== null &&
    safety.bounds.length > 0 &&
    html`<p class="lede">How far the run went of what it may, and what its faults and the retries after them came to.</p>
  ${table(
    'Reach and spend',
    [
      { name: 'Limit' },
      { name: 'Reached', kind: 'num' },
      { name: 'Of', kind: 'num' },
      { name: 'Used' },
      { name: 'What was seen' },
    ],
    safety.bounds.map((row) => ({
      cells: [row.limit, row.reached, row.bound, usedShare(row), row.sentence],
    })),
  )}`
  }
</section>`;
}

function usedShare({ used, breached }: { readonly used: number; readonly breached: boolean }): Markup {
  return html`<span class="${breached ? 'bad' : ''}">${breached ? 'breached' : percent(Math.floor(used * 100) / 100)}<span class="meter" aria-hidden="true"><i class="${breached ? 'full' : used >= 0.8 ? 'near' : ''}" style="width:${Math.round(used * 100)}%"></i></span></span>`;
}

import type { Told, ToldBlock, ToldCell } from '../told/told.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** @param pictures shown below its words */
export function toldSection({ id, heading, lede, blocks }: Told, pictures?: readonly Markup[]): Markup {
  return html`<section id="${id}">
  <h2>${heading}</h2>
  ${lede !== undefined && html`<p class="lede">${lede}</p>`}
  ${blocks.map(block)}
  ${pictures}
</section>`;
}

function block(told: ToldBlock): Markup {
  if ('list' in told) return html`<ul class="plain">${told.list.map((item) => html`<li>${item}</li>`)}</ul>`;
  if ('command' in told) return html`<pre tabindex="0"><code>${told.command}</code></pre>`;
  const { caption, columns, rows } = told.table;
  return table(
    caption,
    columns,
    rows.map((cells) => ({ cells: cells.map(toldCell) })),
    true,
  );
}

export function toldCell(told: ToldCell): Markup | string {
  if (typeof told === 'string') return told;
  if ('href' in told) return html`<a href="${told.href}">${told.text}</a>`;
  if (told.tone === 'code') return html`<code>${told.text}</code>`;
  return html`<span class="${told.tone}">${told.text}</span>`;
}

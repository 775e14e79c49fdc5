import { html, type Markup } from './markup.ts';

export interface Column {
  readonly name: string;
  readonly kind?: 'num' | 'probe' | 'half';
}

type Cell = Markup | string | number | false;

export interface Row {
  readonly cells: readonly Cell[];
  /** Belongs to the row below. */
  readonly joined?: boolean;
}

/** A table that becomes one block a row where the page is narrow. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly Row[],
  shown = false,
): Markup {
  return html`<table class="stack">
  <caption class="${shown ? '' : 'hidden'}">${caption}</caption>
  <thead><tr>${columns.map(({ name, kind }) => html`<th scope="col" class="${kind === 'num' ? 'num' : ''}">${name}</th>`)}</tr></thead>
  <tbody>${rows.map(
    ({ cells, joined }) =>
      html`<tr class="${joined ? 'same' : ''}">${cells.map(
        (cell, index) =>
          html`<td class="${columns[index]?.kind ?? ''}" data-label="${columns[index]?.name ?? ''}">${cell}</td>`,
      )}</tr>`,
  )}</tbody>
</table>`;
}

import { html, type Markup, raw } from './markup.ts';

/** Colour by role, shape (empty for a block), and what it means. */
export type LegendEntry = readonly [
  color: 'fault' | 'bad' | 'good' | 'latency' | 'quiet' | 'shade' | 'muted',
  shape: '' | 'half' | 'line' | 'dot' | 'dash',
  meaning: string,
];

interface FigureOptions {
  readonly paint: (narrow: boolean) => string;
  /** What the picture shows, in words. */
  readonly alternative: string;
  readonly legend: readonly LegendEntry[];
  readonly caption: string;
}

/** A picture in two widths: text that is scaled down to a phone cannot be read. */
export function figure({ paint, alternative, legend, caption }: FigureOptions): Markup | false {
  const wide = paint(false);
  if (wide === '') return false;
  return html`<figure class="chart">
  <div class="wide" role="img" aria-label="${alternative}">${raw(wide)}</div>
  <div class="narrow" role="img" aria-label="${alternative}">${raw(paint(true))}</div>
  <ul class="legend" aria-hidden="true">${legend.map(
    ([color, shape, meaning]) =>
      html`<li><span class="key ${shape}" style="${styleOf(color, shape)}"></span>${meaning}</li>`,
  )}</ul>
  <figcaption>${caption}</figcaption>
</figure>`;
}

function styleOf(color: LegendEntry[0], shape: LegendEntry[1]): string {
  if (shape === 'dash') return '';
  return `background:var(--${color})${shape === 'half' ? ';opacity:.38' : ''}`;
}

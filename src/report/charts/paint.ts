import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([
  BarChart,
  CustomChart,
  LineChart,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TitleComponent,
  SVGRenderer,
]);

export type ChartOption = Parameters<echarts.ECharts['setOption']>[0];

/** Colours by role. They are custom properties of the page, so that one picture serves light and dark. */
export const INK = {
  text: 'var(--ink)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  paper: 'var(--paper)',
  latency: 'var(--latency)',
  fault: 'var(--fault)',
  shade: 'var(--shade)',
  bad: 'var(--bad)',
  good: 'var(--good)',
  quiet: 'var(--quiet)',
} as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Paints on the server, without a document, and strips what only a live chart needs. Coordinates are cut to a tenth of a
 * pixel.
 * @param id makes names inside the picture unique in the page
 */
export function paint(option: ChartOption, { width, height }: Size, id: string): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'inherit', color: INK.muted, fontSize: 12 },
      ...(option as object),
    });
    return strip(chart.renderToSVGString(), id);
  } finally {
    chart.dispose();
  }
}

function strip(svg: string, id: string): string {
  return (
    svg
      .replace(/<style\s*>[\s\S]*?<\/style>/g, '')
      .replace(/<svg [^>]*>/, (tag) => {
        const box = /viewBox="[^"]*"/.exec(tag)?.[0] ?? '';
        return `<svg xmlns="http://www.w3.org/2000/svg" ${box} aria-hidden="true" focusable="false">`;
      })
      .replace(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
      .replace(/font-family:[^;"]*;?/g, '')
      .replace(/\bzr\d+-(c\d+)/g, `${id}-$1`)
      .replace(/ d="[^"]*"| points="[^"]*"/g, (path) =>
        path.replace(/-?\d+\.\d+/g, (number) => String(Number(Number(number).toFixed(1)))),
      )
      // A stretch of no length is dropped when painted; with round ends it is a dot.
      .replace(/ d="M[^"L]+"/g, (path) => path.replace(/(M[\d.-]+ [\d.-]+)(?=M|")/g, '$1h0'))
      .replace(/<path (?:d=""[^>]*|[^>]* fill-opacity="0"[^>]*)><\/path>/g, '')
      .replace(
        / stroke="#\w+" stroke-width="(?:0"(?: stroke-opacity="[^"]*")?|[\d.]+" stroke-opacity="0")/g,
        '',
      )
      .replace(/\n/g, '')
  );
}

import type { Span, Summary } from '../summary.ts';
import { tickText, timeAxis, xAxis } from './axis.ts';
import { momentLines, stepAreas } from './marks.ts';
import { INK, paint } from './paint.ts';
import { short } from './titles.ts';

interface Row {
  readonly name: string;
  readonly bars: readonly Bar[];
  /** Said at the beginning of the first bar. */
  readonly label: string;
  readonly ink: string;
}

interface Bar extends Span {
  readonly color: string;
  readonly opacity: number;
  readonly thin?: boolean;
}

/** One row per faulted dependency and per probe: from leaving the baseline to returning. */
export function paintCascade(summary: Summary, narrow: boolean): string {
  const rows = rowsOf(summary);
  if (rows.length === 0) return '';
  const axis = timeAxis(summary, narrow);
  const width = narrow ? 358 : 1000;
  const pitch = narrow ? 40 : 32;
  const left = narrow ? 8 : 168;
  const right = narrow ? 8 : 14;
  const top = 48;
  return paint(
    {
      grid: { left, right, top, height: rows.length * pitch, outerBoundsMode: 'none' },
      xAxis: xAxis(axis, 0, true),
      yAxis: {
        type: 'value',
        min: 0,
        max: rows.length,
        inverse: true,
        show: false,
      },
      title: rows.map((row, index) => ({
        text: short(row.name, narrow ? 44 : 20),
        padding: 0,
        itemGap: 0,
        left: narrow ? 10 : 8,
        top: top + index * pitch + (narrow ? 3 : pitch / 2 - 8),
        textStyle: { color: INK.text, fontSize: narrow ? 13 : 14, fontWeight: 600 },
      })),
      series: [
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          data: [[axis.from, 0]],
          lineStyle: { opacity: 0 },
          markArea: stepAreas(summary, axis, { named: true, narrow, distance: 5 }),
          markLine: momentLines(summary, { named: true, narrow, above: 'start', distance: 22 }),
          z: 1,
        },
        ...rows.map((row, index) => bars(row, index, axis.to, narrow)),
      ],
    },
    { width, height: top + rows.length * pitch + 30 },
    narrow ? 'cn' : 'cw',
  );
}

function rowsOf({ cascade, run }: Summary): readonly Row[] {
  const faults = cascade.faulted.map(
    ({ proxy, spans }): Row => ({
      name: `${proxy} (fault)`,
      label: '',
      ink: INK.fault,
      bars: spans.map((span) => ({ ...span, color: INK.fault, opacity: 0.9 })),
    }),
  );
  const left = cascade.left.map(
    (row): Row => ({
      name: row.probe,
      label: tickText(Math.round(row.leftS * 10) / 10),
      ink: INK.bad,
      bars: [
        ...row.spans.map((span) => ({ ...span, color: INK.bad, opacity: 0.38 })),
        ...row.down.map((span) => ({ ...span, color: INK.bad, opacity: 1 })),
      ],
    }),
  );
  const stayed = cascade.stayed.map(
    (name): Row => ({
      name,
      label: '',
      ink: INK.good,
      bars: [{ from: run.from, to: run.to, color: INK.good, opacity: 0.7, thin: true }],
    }),
  );
  return [...faults, ...left, ...stayed];
}

function bars(row: Row, index: number, end: number, narrow: boolean) {
  const middle = index + (narrow ? 0.66 : 0.5);
  return {
    type: 'custom' as const,
    silent: true,
    clip: true,
    z: 3,
    data: row.bars.map((bar) => [bar.from, bar.to ?? end]),
    renderItem: (
      { dataIndex }: { dataIndex: number },
      api: { coord(point: number[]): number[]; value(dimension: number): number },
    ) => {
      const bar = row.bars[dataIndex]!;
      const [x, y] = api.coord([api.value(0), middle]) as [number, number];
      const [to] = api.coord([api.value(1), middle]) as [number];
      const height = bar.thin ? 3 : narrow ? 14 : 16;
      const rect = {
        type: 'rect',
        shape: { x, y: y - height / 2, width: Math.max(2, to - x), height, r: bar.thin ? 1.5 : 2 },
        style: { fill: bar.color, opacity: bar.opacity },
      };
      if (dataIndex > 0 || row.label === '') return rect;
      return {
        type: 'group',
        children: [
          rect,
          {
            type: 'text',
            style: {
              text: row.label,
              x: x - 6,
              y,
              align: 'right',
              verticalAlign: 'middle',
              fill: row.ink,
              fontSize: 12,
              fontWeight: 600,
            },
          },
        ],
      };
    },
  };
}

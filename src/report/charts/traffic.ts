import { formatSize } from '../../core/units.ts';
import { rate } from '../../lessons/words.ts';
import type { ProxyTraffic, Summary } from '../summary.ts';
import { timeAxis, xAxis, yAxis } from './axis.ts';
import { type Block, blocks } from './blocks.ts';
import { momentLines, stepAreas } from './marks.ts';
import { INK, paint } from './paint.ts';
import { roundUp } from './scale.ts';
import { panelTitle } from './titles.ts';

const PANEL = 84;
const TITLE = 40;

/** Answers a second through each proxy, by who made them. */
export function paintTraffic(summary: Summary, narrow: boolean): string {
  const proxies = summary.traffic.filter((proxy) => proxy.series.length > 0);
  if (proxies.length === 0) return '';
  const width = narrow ? 358 : 1000;
  const top = 38;
  const pitch = PANEL + TITLE;
  const axis = timeAxis(summary, narrow);
  return paint(
    {
      grid: proxies.map((_, index) => ({
        left: narrow ? 44 : 58,
        right: narrow ? 8 : 14,
        top: top + TITLE + index * pitch,
        height: PANEL,
        outerBoundsMode: 'none' as const,
      })),
      title: proxies.flatMap((proxy, index) =>
        panelTitle(
          {
            name: proxy.proxy,
            note: noteOf(proxy),
            color: proxy.faulted ? INK.fault : INK.muted,
          },
          top + index * pitch,
          { width, narrow },
        ),
      ),
      xAxis: proxies.map((_, index) => xAxis(axis, index, index === proxies.length - 1)),
      yAxis: proxies.map((proxy, index) => yAxis(index, ceiling(proxy), labelOf(proxy))),
      series: proxies.flatMap((proxy, index) => [
        {
          type: 'line' as const,
          xAxisIndex: index,
          yAxisIndex: index,
          silent: true,
          symbol: 'none',
          data: [[axis.from, 0]],
          lineStyle: { opacity: 0 },
          markArea: stepAreas(summary, axis, { named: index === 0, narrow, distance: 34 }),
          markLine: momentLines(summary, { named: index === 0, narrow, distance: 50 }),
          z: 1,
        },
        ...(proxy.shows === 'bytes'
          ? [blocks(stacked(proxy, [], 'bytes'), index, INK.quiet, 0.6)]
          : [
              blocks(stacked(proxy, [], 'organicOk'), index, INK.quiet, 0.6),
              blocks(stacked(proxy, ['organicOk'], 'organicErrors'), index, INK.bad, 1),
              blocks(stacked(proxy, ['organicOk', 'organicErrors'], 'injected'), index, INK.fault, 0.9),
            ]),
      ]),
    },
    { width, height: top + proxies.length * pitch + 26 },
    narrow ? 'tn' : 'tw',
  );
}

function noteOf({ faulted, shows }: ProxyTraffic): string {
  return `${shows === 'bytes' ? 'bytes a second, both ways  ·  ' : ''}${faulted ? 'had faults' : 'had no fault'}`;
}

type Key = 'organicOk' | 'organicErrors' | 'injected' | 'bytes';

function stacked({ series, binS }: ProxyTraffic, below: readonly Key[], key: Key): readonly Block[] {
  return series
    .filter((bin) => bin[key] > 0)
    .map((bin) => {
      const low = below.reduce((sum, other) => sum + bin[other], 0);
      return { from: bin.s - binS / 2, to: bin.s + binS / 2, low, high: low + bin[key] };
    });
}

function ceiling({ series, shows }: ProxyTraffic): number {
  const total = (bin: ProxyTraffic['series'][number]) =>
    shows === 'bytes' ? bin.bytes : bin.organicOk + bin.organicErrors + bin.injected;
  const highest = Math.max(...series.map(total));
  const unit = shows === 'bytes' ? 1024 ** Math.floor(Math.log(Math.max(1, highest)) / Math.log(1024)) : 1;
  return roundUp((highest / unit) * 1.05) * unit;
}

function labelOf({ shows }: ProxyTraffic): (value: number) => string {
  return (value) => (value === 0 ? '0' : shows === 'bytes' ? formatSize(value) : rate(value));
}

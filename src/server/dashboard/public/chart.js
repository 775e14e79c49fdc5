import * as echarts from './lib/echarts.js';
import { html, useEffect, useRef } from './lib/preact.js';

const KEEP_MS = 10 * 60_000;

/** Samples of each probe since the page was opened; the state has only those of a window. */
const seen = new Map();

export function remember(run, probe, samples) {
  const key = `${run}/${probe}`;
  const list = seen.get(key) ?? [];
  // Runs of blind items have one id: another one begins again from nothing.
  if (samples.at(-1)?.[0] < list.at(-1)?.[0]) list.length = 0;
  const last = list.at(-1)?.[0] ?? -1;
  for (const sample of samples) if (sample[0] > last) list.push(sample);
  const oldest = (list.at(-1)?.[0] ?? 0) - KEEP_MS;
  while (list.length > 0 && list[0][0] < oldest) list.shift();
  seen.set(key, list);
  return list;
}

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A probe's samples as they come: latencies or values, failures in red, the baseline's p95 (or value) as a line, the first fault as another. */
export function ProbeChart({ run, probe, firstFault, now }) {
  const place = useRef(null);
  const chart = useRef(null);
  useEffect(() => {
    chart.current = echarts.init(place.current, null, { renderer: 'svg' });
    const resize = new ResizeObserver(() => chart.current.resize());
    resize.observe(place.current);
    return () => {
      resize.disconnect();
      chart.current.dispose();
    };
  }, []);
  useEffect(() => {
    const list = remember(run, probe.name, probe.samples);
    const valued = list.some(([, , , value]) => value !== null);
    const y = ([, ms, , value]) => (valued ? value : ms);
    const points = (ok) =>
      list.filter((one) => one[2] === ok && y(one) !== null).map((one) => [one[0] / 1000, y(one)]);
    const usual = valued ? probe.baseline?.value : probe.baseline?.p95;
    const line = (value, axis, color, name) => ({
      [axis]: value,
      name,
      lineStyle: { color, type: 'dashed', width: 1 },
      label: { show: false },
    });
    chart.current.setOption({
      animation: false,
      grid: { left: 60, right: 12, top: 10, bottom: 22 },
      textStyle: { color: ink('--muted'), fontFamily: 'inherit' },
      xAxis: {
        type: 'value',
        min: Math.max(0, now / 1000 - KEEP_MS / 1000),
        max: Math.max(10, Math.ceil(now / 1000)),
        axisLabel: { color: ink('--muted'), formatter: '{value} s' },
        splitLine: { show: false },
        axisLine: { lineStyle: { color: ink('--line') } },
      },
      yAxis: {
        type: 'value',
        min: 0,
        axisLabel: { color: ink('--muted'), formatter: valued ? '{value}' : '{value} ms', hideOverlap: true },
        splitNumber: 3,
        splitLine: { lineStyle: { color: ink('--line') } },
      },
      series: [
        {
          type: 'line',
          data: points(true),
          showSymbol: false,
          lineStyle: { width: 1.5, color: ink('--latency') },
          markLine: {
            symbol: 'none',
            silent: true,
            data: [
              ...(usual === undefined || usual === null
                ? []
                : [line(usual, 'yAxis', ink('--muted'), 'baseline')]),
              ...(firstFault === null
                ? []
                : [line(firstFault / 1000, 'xAxis', ink('--fault'), 'first fault')]),
            ],
          },
        },
        { type: 'scatter', data: points(false), symbolSize: 5, itemStyle: { color: ink('--bad') } },
      ],
    });
  });
  return html`<div class="chart" ref=${place} role="img" aria-label=${`${probe.name}: ${probe.samples.length} samples in its window`}></div>`;
}

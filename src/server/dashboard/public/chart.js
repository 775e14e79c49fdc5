import { short } from './figures.js';
import { html } from './lib/preact.js';
import { across, areas, common, limit, moments, Picture, timeAxis, valueAxis } from './picture.js';
import { failureShares, remember } from './series.js';

const CROSS = 'path://M0,0 L10,10 M10,0 L0,10';

/**
 * A probe's samples as they come, failed ones as crosses, with its baseline, what is expected and where the run is ended; below it the
 * share that failed. Shaded are the steps, upright stand breach, rollback and proof.
 */
export function ProbeChart({ run, probe, label }) {
  const samples = remember(`${run.id}/${probe.name}`, probe.samples);
  const draw = (ink) => {
    const valued = samples.some(([, , , value]) => value !== null);
    const y = ([, ms, , value]) => (valued ? value : ms);
    const format = valued
      ? short
      : (ms) => (ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Math.round(ms)} ms`);
    const usual = valued ? probe.baseline?.value : probe.baseline?.p95;
    const own = probe.limits.filter(({ measure }) =>
      valued ? measure === 'value' : /^p\d|max/.test(measure),
    );
    const rates = probe.limits.filter(({ measure }) => measure === 'errorRate');
    const known = samples.filter((one) => y(one) !== null);
    const lines = [
      ...(usual === undefined || usual === null
        ? []
        : [across(usual, ink('--muted'), 'dashed', `baseline ${format(usual)}`)]),
      ...own.map(({ kind, bound, text }) => limit(kind, bound, text, ink)),
    ];
    const top = Math.max(...known.map(y), ...lines.map(({ yAxis }) => yAxis), 0);
    return {
      ...common,
      grid: [
        { left: 56, right: 10, top: 18, height: 104 },
        { left: 56, right: 10, top: 138, height: 30 },
      ],
      xAxis: [0, 1].map((gridIndex) => timeAxis(run, ink, gridIndex, gridIndex === 1)),
      yAxis: [
        valueAxis(ink, { gridIndex: 0, max: top > 0 ? top * 1.08 : 1, splitNumber: top > 0 ? 3 : 1, format }),
        valueAxis(ink, {
          gridIndex: 1,
          max: 1,
          interval: 1,
          showMax: true,
          format: (share) => `${share * 100}%`,
        }),
      ],
      series: [
        {
          type: 'line',
          data: known.map((one) => [one[0] / 1000, y(one)]),
          showSymbol: false,
          sampling: 'lttb',
          lineStyle: { width: 1.5, color: ink('--latency') },
          markLine: {
            symbol: 'none',
            silent: true,
            animation: false,
            data: [...lines, ...moments(run, ink, true)],
          },
          markArea: areas(run, ink, true),
        },
        {
          type: 'scatter',
          data: known.filter(([, , ok]) => !ok).map((one) => [one[0] / 1000, y(one)]),
          symbol: CROSS,
          symbolSize: 6,
          itemStyle: { color: 'transparent', borderColor: ink('--bad'), borderWidth: 1.3 },
        },
        {
          type: 'line',
          xAxisIndex: 1,
          yAxisIndex: 1,
          data: failureShares(samples, probe.windowMs),
          showSymbol: false,
          step: 'end',
          lineStyle: { width: 1, color: ink('--bad') },
          areaStyle: { color: ink('--bad'), opacity: 0.25 },
          markLine: {
            symbol: 'none',
            silent: true,
            data: [
              ...rates.map(({ kind, bound }) => limit(kind, bound, '', ink)),
              ...moments(run, ink, false),
            ],
          },
          markArea: areas(run, ink),
        },
      ],
    };
  };
  return html`<${Picture} className="chart" label=${label} draw=${draw} />`;
}

/** Answers a second of a proxy, one kind on top of the other. */
export function TrafficChart({ run, proxy, label }) {
  const rates = remember(`${run.id}/proxy/${proxy.name}`, proxy.rates);
  const draw = (ink) => {
    const band = (at, color, more) => ({
      type: 'line',
      stack: 'answers',
      step: 'end',
      showSymbol: false,
      data: rates.map((one) => [one[0] / 1000, one[at]]),
      lineStyle: { width: 1, color },
      areaStyle: { color, opacity: 0.45 },
      ...more,
    });
    return {
      ...common,
      grid: { left: 56, right: 10, top: 12, bottom: 20 },
      xAxis: timeAxis(run, ink, 0, true),
      yAxis: valueAxis(ink, { gridIndex: 0, splitNumber: 2, format: (value) => `${value}/s` }),
      series: [
        band(1, ink('--latency'), {
          markLine: { symbol: 'none', silent: true, data: moments(run, ink, false) },
          markArea: areas(run, ink),
        }),
        band(2, ink('--fault'), {}),
      ],
    };
  };
  return html`<${Picture} className="chart traffic" label=${label} draw=${draw} />`;
}

import { html, useEffect, useRef } from './lib/preact.js';

/** Large, and no stop button may wait for it. */
const library = import('./lib/echarts.js').catch(() => undefined);

/** A picture that `draw` describes anew with each state. */
export function Picture({ className, label, draw }) {
  const place = useRef(null);
  const chart = useRef(null);
  const latest = useRef(draw);
  latest.current = draw;
  const paint = () => chart.current?.setOption(latest.current(inks()), { replaceMerge: ['series'] });
  useEffect(() => {
    let gone = false;
    const resize = new ResizeObserver(() => chart.current?.resize());
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    library.then((echarts) => {
      if (gone || !echarts) return;
      chart.current = echarts.init(place.current, null, { renderer: 'svg' });
      resize.observe(place.current);
      paint();
    });
    return () => {
      gone = true;
      resize.disconnect();
      scheme.removeEventListener('change', paint);
      chart.current?.dispose();
    };
  }, []);
  useEffect(paint);
  return html`<div class=${className} ref=${place} role="img" aria-label=${label}></div>`;
}

export const common = { animation: false, textStyle: { fontFamily: 'inherit' } };

function inks() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

export function timeAxis({ now }, ink, gridIndex, labelled) {
  return {
    type: 'value',
    gridIndex,
    min: 0,
    max: Math.max(10, Math.ceil(now / 1000)),
    splitNumber: 4,
    axisLabel: {
      show: labelled,
      color: ink('--muted'),
      formatter: '{value} s',
      hideOverlap: true,
      showMaxLabel: false,
    },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLine: { lineStyle: { color: ink('--line') } },
  };
}

export function valueAxis(ink, { format, showMax = false, ...more }) {
  return {
    type: 'value',
    min: 0,
    axisLabel: { color: ink('--muted'), formatter: format, hideOverlap: true, showMaxLabel: showMax },
    splitLine: { lineStyle: { color: ink('--line') } },
    ...more,
  };
}

export function across(yAxis, color, type, text, width = 1, position = 'insideStartTop') {
  return {
    yAxis,
    lineStyle: { color, type, width },
    label: { show: text !== '', formatter: text, position, color, fontSize: 11 },
  };
}

export function limit(kind, bound, text, ink) {
  return kind === 'abort'
    ? across(bound, ink('--bad'), 'solid', text, 1.5)
    : across(bound, ink('--fault'), 'dotted', text, 1.5, 'insideEndTop');
}

const UPRIGHT = {
  breach: ['--bad', 'solid', '⚠ breach'],
  rollback: ['--ink', 'dashed', 'rollback'],
  proof: ['--good', 'dotted', '✓ proof'],
};

export function moments(run, ink, labelled) {
  const breached = run.moments.some(({ kind }) => kind === 'breach');
  return run.moments
    .filter(({ kind }) => UPRIGHT[kind])
    .map(({ at, kind }) => {
      const [color, type, text] = UPRIGHT[kind];
      // A breach begins the rollback and is told in its place.
      const show = labelled && kind !== 'proof' && !(kind === 'rollback' && breached);
      return {
        xAxis: at / 1000,
        lineStyle: { color: ink(color), type, width: 1.5 },
        label: { show, formatter: text, position: 'end', distance: 2, color: ink(color), fontSize: 11 },
      };
    });
}

export function areas(run, ink, labelled = false) {
  return {
    silent: true,
    itemStyle: { color: ink('--fault'), opacity: 0.13 },
    label: { show: labelled, color: ink('--muted'), position: 'insideTopLeft', fontSize: 11 },
    data: run.spans.map(({ step, from, to }) => [
      { xAxis: from / 1000, name: String(step + 1) },
      { xAxis: (to ?? run.now) / 1000 },
    ]),
  };
}

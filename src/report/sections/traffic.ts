import { isError, type TrafficTick, trafficIn } from '../../lessons/view/traffic.ts';
import type { ProxyView, RunView } from '../../lessons/view/view.ts';
import type { ProxyTraffic, TrafficSpan } from '../summary.ts';
import { round, type Seconds } from './base.ts';

const MOST_BINS = 90;

/** Injected against organic answers, per proxy. */
export function trafficFacts(view: RunView, s: Seconds): readonly ProxyTraffic[] {
  return view.proxies
    .filter((proxy) => proxy.ticks.length > 0)
    .map((proxy) => factsOf(view, proxy, s))
    .sort((a, b) => Number(b.faulted) - Number(a.faulted));
}

function factsOf({ faulted, endAt }: RunView, proxy: ProxyView, s: Seconds): ProxyTraffic {
  const from = faulted?.from ?? Number.POSITIVE_INFINITY;
  const to = faulted?.to ?? Number.POSITIVE_INFINITY;
  const binMs = binWidth(endAt);
  return {
    proxy: proxy.name,
    protocol: proxy.protocol ?? null,
    faulted: proxy.faulted,
    shows: showsOf(proxy),
    before: span(proxy, Number.NEGATIVE_INFINITY, from),
    during: span(proxy, from, to),
    after: span(proxy, to, Number.POSITIVE_INFINITY),
    statuses: statusesOf(proxy.ticks),
    series: seriesOf(proxy.ticks, binMs, faulted?.from ?? 0, s),
    binS: binMs / 1000,
  };
}

function span({ ticks }: ProxyView, from: number, to: number): TrafficSpan {
  const sum = trafficIn(ticks, from, to);
  return {
    bytesPerSecond: sum.seconds > 0 ? round(sum.bytes / sum.seconds) : null,
    unitsPerSecond: sum.seconds > 0 ? round(sum.units / sum.seconds, 2) : null,
    organicErrors: sum.organicErrors,
    organicOk: sum.organicOk,
    injected: sum.injected,
  };
}

function statusesOf(ticks: readonly TrafficTick[]): ProxyTraffic['statuses'] {
  const sums = new Map<string, { organic: number; injected: number }>();
  for (const { status } of ticks) {
    for (const [code, { organic, injected }] of Object.entries(status)) {
      const sum = sums.get(code) ?? { organic: 0, injected: 0 };
      sums.set(code, { organic: sum.organic + organic, injected: sum.injected + injected });
    }
  }
  return [...sums]
    .map(([status, sum]) => ({ status, error: isError(status), ...sum }))
    .sort((a, b) => b.organic + b.injected - a.organic - a.injected);
}

function seriesOf(
  ticks: readonly TrafficTick[],
  binMs: number,
  zero: number,
  s: Seconds,
): ProxyTraffic['series'] {
  const first = ticks[0]!.from;
  const last = ticks.at(-1)!.to;
  // Bins meet at the first fault, so that none shows a bit of both sides.
  const begin = zero - Math.ceil((zero - first) / binMs) * binMs;
  const bins: ProxyTraffic['series'][number][] = [];
  for (let at = begin; at < last; at += binMs) {
    const { seconds, organicOk, organicErrors, injected, bytes } = trafficIn(ticks, at, at + binMs);
    if (seconds === 0) continue;
    bins.push({
      s: s(at + binMs / 2),
      organicOk: round(organicOk / seconds, 2),
      organicErrors: round(organicErrors / seconds, 2),
      injected: round(injected / seconds, 2),
      bytes: round(bytes / seconds),
    });
  }
  return bins;
}

function binWidth(spanMs: number): number {
  const steps = [1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000];
  return steps.find((step) => spanMs / step <= MOST_BINS) ?? spanMs / MOST_BINS;
}

function showsOf({ ticks }: ProxyView): ProxyTraffic['shows'] {
  const { seconds, units, injected, bytes } = trafficIn(
    ticks,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  );
  return injected === 0 && units < seconds && bytes > 1024 * seconds ? 'bytes' : 'answers';
}

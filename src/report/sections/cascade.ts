import { change, sufferedProxies } from '../../lessons/cascade.ts';
import type { Departure } from '../../lessons/view/departures.ts';
import { stepSpans } from '../../lessons/view/spans.ts';
import type { ProbeView, RunView } from '../../lessons/view/view.ts';
import { rolling } from '../../lessons/view/window.ts';
import type { CascadeFacts, CascadeRow, Span } from '../summary.ts';
import { orNull, type Seconds } from './base.ts';

export function cascadeOf(view: RunView, s: Seconds): CascadeFacts {
  const suffered = sufferedProxies(view);
  const gone = new Set(view.departures.map((departure) => departure.probe));
  return {
    faulted: view.proxies
      .filter((proxy) => proxy.faulted)
      .map((proxy) => ({ proxy: proxy.name, spans: faultSpans(view, proxy.name, s) })),
    suffered: suffered.map((proxy) => ({ proxy: proxy.name, change: change(view, proxy) ?? '' })),
    unharmed: view.proxies
      .filter((proxy) => !proxy.faulted && !suffered.includes(proxy) && proxy.ticks.length > 0)
      .map((proxy) => proxy.name),
    left: view.departures.map((departure) => rowOf(view, departure, s)),
    stayed: view.probes
      .filter((probe) => !gone.has(probe.name) && probe.samples.length > 0)
      .map((probe) => probe.name),
  };
}

function rowOf(view: RunView, departure: Departure, s: Seconds): CascadeRow {
  const { recovery, rollback } = view;
  // A monitor that stopped with the rollback saw nobody return; recovery then says when all had.
  const back =
    recovery?.recovered && recovery.afterMs !== null && rollback?.emptied
      ? rollback.emptied.at + recovery.afterMs
      : null;
  const spans = departure.spans.map(({ from, to }) => ({
    from: s(from),
    to: to !== null ? s(to) : back !== null && back >= from ? s(back) : null,
  }));
  const probe = view.probes.find((other) => other.name === departure.probe);
  return {
    probe: departure.probe,
    leftS: s(departure.at),
    returnedS: spans.at(-1)?.to ?? null,
    expectation: departure.expectation,
    value: departure.value === null ? null : orNull(departure.value),
    baseline: departure.baseline === null ? null : orNull(departure.baseline),
    spans,
    down: probe ? downSpans(view, probe, s) : [],
  };
}

/** Where at least half of the samples of the last three seconds failed. */
function downSpans(view: RunView, probe: ProbeView, s: Seconds): readonly Span[] {
  const spans: { from: number; to: number | null }[] = [];
  let open = false;
  for (const { at, value } of rolling(probe.samples, 'errorRate', 3000, 4)) {
    if (view.firstFaultAt === null || at < view.firstFaultAt) continue;
    const down = value >= 0.5;
    if (down && !open) spans.push({ from: s(at), to: null });
    if (!down && open) spans.at(-1)!.to = s(at);
    open = down;
  }
  return spans;
}

function faultSpans(view: RunView, proxy: string, s: Seconds): readonly Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const step of stepSpans(view)) {
    const touched = view.events.some(
      (event) =>
        event.type === 'step-intended' &&
        event.name === step.name &&
        event.faults.some((fault) => fault.proxy === proxy),
    );
    if (touched) spans.push({ from: s(step.from), to: s(step.to) });
  }
  return spans;
}

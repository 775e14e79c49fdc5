import { placeOf } from '../../core/fault.ts';
import { change, sufferedProxies } from '../../lessons/cascade.ts';
import type { Departure } from '../../lessons/view/departures.ts';
import { returnedAt } from '../../lessons/view/returns.ts';
import { stepSpans, withheld } from '../../lessons/view/spans.ts';
import type { ProbeView, RunView } from '../../lessons/view/view.ts';
import type { CascadeFacts, CascadeRow, Span } from '../summary.ts';
import { orNull, type Seconds } from './base.ts';

export function cascadeOf(view: RunView, s: Seconds): CascadeFacts {
  const suffered = sufferedProxies(view);
  const gone = new Set(view.departures.map((departure) => departure.probe));
  return {
    faulted: faultedPlaces(view).map((place) => ({ proxy: place, spans: faultSpans(view, place, s) })),
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
  const probe = view.probes.find((other) => other.name === departure.probe);
  const last = departure.spans.at(-1)!;
  // The monitor stops with the rollback and sees nobody return after it; the samples tell.
  const back = probe && last.to === null ? returnAfter(view, probe) : null;
  const spans = departure.spans.map(({ from, to }) => {
    const end = to ?? back;
    return { from: s(from), to: end === null ? null : s(Math.max(end, from)) };
  });
  return {
    probe: departure.probe,
    leftS: s(departure.at),
    returnedS: spans.at(-1)?.to ?? null,
    expectation: departure.expectation,
    value: departure.value === null ? null : orNull(departure.value),
    baseline: departure.baseline === null ? null : orNull(departure.baseline),
    spans,
    down: (probe ? downSpans(view, probe) : [])
      .filter(({ to }) => to > departure.at)
      .map(({ from, to }) => ({ from: s(Math.max(from, departure.at)), to: s(to) })),
  };
}

function returnAfter({ rollback, recovery }: RunView, probe: ProbeView): number | null {
  const emptied = rollback?.emptied?.at;
  if (emptied === undefined) return null;
  // The run's own measurement bounds it: by then all had returned.
  const all = recovery?.recovered && recovery.afterMs !== null ? emptied + recovery.afterMs : null;
  const own = returnedAt(probe, emptied);
  return own === null ? all : all === null ? own : Math.min(own, all);
}

/** Gaps between failures that are shorter than this are not shown as life. */
const MERGED_MS = 2000;

/** Stretches in which users got nothing, sample after sample. */
function downSpans(view: RunView, probe: ProbeView): readonly { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  const failures = new Set(withheld(probe, probe.samples));
  for (const [index, sample] of probe.samples.entries()) {
    if (!failures.has(sample) || view.firstFaultAt === null || sample.at + sample.ms < view.firstFaultAt)
      continue;
    const beside = [probe.samples[index - 1], probe.samples[index + 1]];
    if (!beside.some((other) => other && failures.has(other))) continue;
    const last = spans.at(-1);
    if (last && sample.at - last.to < MERGED_MS) last.to = Math.max(last.to, sample.at + sample.ms);
    else spans.push({ from: sample.at, to: sample.at + sample.ms });
  }
  return spans;
}

/** The data plane's proxies first, as its file has them; then what other drivers carried. */
function faultedPlaces(view: RunView): readonly string[] {
  const own = view.proxies.filter((proxy) => proxy.faulted).map((proxy) => proxy.name);
  const beside = view.events.flatMap((event) =>
    event.type === 'step-intended'
      ? event.faults.filter(({ driver }) => driver !== undefined).map(placeOf)
      : [],
  );
  return [...new Set([...own, ...beside])];
}

function faultSpans(view: RunView, place: string, s: Seconds): readonly Span[] {
  const spans: { from: number; to: number }[] = [];
  for (const step of stepSpans(view)) {
    const touched = view.events.some(
      (event) =>
        event.type === 'step-intended' &&
        event.name === step.name &&
        event.faults.some((fault) => placeOf(fault) === place),
    );
    if (touched) spans.push({ from: s(step.from), to: s(step.to) });
  }
  return spans;
}

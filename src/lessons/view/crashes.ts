import { asksFaulted } from './spans.ts';
import type { FaultSpan, ProbeView, ProxyView, RunView } from './view.ts';
import type { TimedSample } from './window.ts';

/** A sign that a process of the system ended or began anew. */
export interface CrashSign extends FaultSpan {
  readonly sentence: (at: string) => string;
  /** Nobody was there to answer in this span. */
  readonly away: boolean;
}

const REFUSED = /connection refused|ECONNREFUSED/i;
const STARTED = /start(ed)?_?(time|at)|boot_?time/i;
const UPTIME = /uptime/i;
/** Connections of all proxies that end within this have one cause. */
const AT_ONCE_MS = 2500;

/** From the first fault to the end of the journal, in their order. */
export function crashSigns(view: RunView): readonly CrashSign[] {
  const { faulted } = view;
  if (!faulted) return [];
  const probes = view.probes.filter((probe) => !asksFaulted(view, probe));
  return [...probes.flatMap(refusals), ...probes.flatMap(restarts), ...lostAll(view)]
    .filter(({ from }) => from >= faulted.from)
    .sort((a, b) => a.from - b.from);
}

/** When nobody was there to answer. */
export function crashSpans(view: RunView): readonly FaultSpan[] {
  return crashSigns(view)
    .filter(({ away }) => away)
    .map(({ from, to }) => ({ from: from - 1000, to: to + 1000 }));
}

/** A port that answered and then refused connections at least twice in a row. */
function refusals(probe: ProbeView): readonly CrashSign[] {
  const signs: CrashSign[] = [];
  let answered = 0;
  let row: TimedSample[] = [];
  const close = (to: number, back: boolean) => {
    if (row.length >= 2 && answered >= 3) {
      const [from, times] = [row[0]!.at, row.length];
      signs.push({
        from,
        to,
        away: true,
        sentence: (at) =>
          `${probe.name}: connections were refused ${times} times in a row, first ${at}; ${back ? 'later it answered again' : 'it never answered again'}`,
      });
    }
    row = [];
  };
  for (const sample of probe.samples) {
    if (!sample.ok && REFUSED.test(sample.reason ?? '')) {
      row.push(sample);
      continue;
    }
    close(sample.at, true);
    if (sample.ok) answered++;
  }
  close(probe.samples.at(-1)?.at ?? 0, false);
  return signs;
}

/** A process that says when it began, or how long it has been there. */
function restarts(probe: ProbeView): readonly CrashSign[] {
  const name = probe.spec?.kind === 'prometheus' ? probe.spec.metric : probe.name;
  const jumped = STARTED.test(name)
    ? (before: number, now: number) => now > before + 0.5
    : UPTIME.test(name)
      ? (before: number, now: number) => now < before
      : undefined;
  if (!jumped) return [];
  const readings = probe.samples.filter(({ value }) => value !== undefined);
  return readings.slice(1).flatMap((now, index) => {
    const before = readings[index]!;
    if (!jumped(before.value!, now.value!)) return [];
    return [
      {
        from: now.at,
        to: now.at,
        away: false,
        sentence: (at: string) => `${probe.name} says that the process began anew, seen ${at}`,
      },
    ];
  });
}

/** Several proxies without a fault lost every connection at the same moment. */
function lostAll(view: RunView): readonly CrashSign[] {
  const spared = view.proxies.filter((proxy) => !proxy.faulted);
  // The rollback's canaries come and go on every proxy.
  const emptied = view.rollback?.emptied?.at ?? Number.NaN;
  const losses = spared
    .flatMap(lossesOf)
    .filter(({ at }) => !(Math.abs(at - emptied) <= 1500))
    .sort((a, b) => a.at - b.at);
  for (const first of losses) {
    const together = losses.filter(({ at }) => at >= first.at && at - first.at <= AT_ONCE_MS);
    const proxies = new Set(together.map(({ proxy }) => proxy));
    const lost = together.reduce((sum, one) => sum + one.lost, 0);
    if (proxies.size < 2 || lost < 3) continue;
    return [
      {
        from: first.at,
        to: first.at,
        away: false,
        sentence: (at) =>
          `${[...proxies].join(' and ')} had no fault and lost all ${lost} connections at one moment, ${at}`,
      },
    ];
  }
  return [];
}

function lossesOf({ name, ticks }: ProxyView) {
  // Where connections come and go all the time, their end says nothing.
  const lasting = ticks.filter((tick) => tick.connections.closed === 0).length >= ticks.length * 0.5;
  return ticks.slice(1).flatMap((tick, index) => {
    const before = ticks[index]!.open;
    return lasting && before >= 1 && tick.connections.closed >= before
      ? [{ at: tick.to, proxy: name, lost: before }]
      : [];
  });
}

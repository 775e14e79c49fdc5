import { type Detector, NO_FAULT } from './contract.ts';
import { behaviourIn } from './view/behaviour.ts';
import { type Outage, outagesOf } from './view/outages.ts';
import { heldConnections } from './view/patience.ts';
import { serviceIn } from './view/served.ts';
import { ticksIn } from './view/traffic.ts';
import type { RunView } from './view/view.ts';
import { count, list, seconds } from './words.ts';

const LONG_MS = 10_000;
const LEAST_HELD = 3;

/** Calls wait for an answer for as long as there is none. */
export const noTimeout: Detector = {
  id: 'no-timeout',
  question: 'Does every call to a dependency end after some time?',
  condition:
    'A fault kept answers back for 10 s or more, and the oldest call grew older with it to its end (at least 80% of the step and three times what is usual), while next to none was given up; where requests are not read, of at least 3 held connections at most 30% turned out to be left when they were let go.',
  evidence: 'age of the oldest call, calls given up, connections that close when a fault lets go',
  severities: ['high'],
  remedy:
    'Give every remote call a time-out, for connecting and for the whole answer (a stream: between two pieces too), well below what its own callers are ready to wait.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const silent = outagesOf(view).filter(({ span, proxy }) => {
      const ticks = ticksIn(proxy.ticks, span.from, span.to);
      return ticks.some(({ held, clients }) => Math.max(held.longestMs, clients?.oldestMs ?? 0) >= LONG_MS);
    });
    if (silent.length === 0)
      return {
        notAssessed:
          'no fault kept an answer back for 10 s: add a step of at least 15 s with blackhole on a dependency, or one that stalls its answers',
      };
    const found = silent.flatMap((outage) => {
      const sentence = waitedOn(view, outage);
      return sentence ? [{ proxy: outage.proxy.name, sentence }] : [];
    });
    if (found.length === 0) return undefined;
    const names = list([...new Set(found.map(({ proxy }) => proxy))]);
    return {
      severity: 'high',
      claim: `Calls to ${names} have no time-out that this run could find: they waited for as long as nothing answered.`,
      evidence: found.map(({ sentence }) => sentence),
      nextExperiment: `The same silence on ${names}: calls are given up after their time-out, and the oldest never grows older than that.`,
    };
  },
};

function waitedOn(view: RunView, outage: Outage): string | undefined {
  return oldCalls(outage) ?? heldToTheEnd(view, outage);
}

/** Told by the requests themselves. */
function oldCalls({ proxy, step, span }: Outage): string | undefined {
  const seen = behaviourIn(proxy, span);
  if (!seen) return undefined;
  const usual = Math.max(
    0,
    ...ticksIn(proxy.ticks, Number.NEGATIVE_INFINITY, span.from).map(({ clients }) => clients?.oldestMs ?? 0),
  );
  const open = ticksIn(proxy.ticks, span.from, span.to).at(-1)?.clients?.open ?? 0;
  const age = seen.oldestAtEndMs;
  if (age < Math.max(LONG_MS, (span.to - span.from) * 0.8, usual * 3)) return undefined;
  if (seen.abandoned.count > open * 0.2) return undefined;
  return `${proxy.name}, step "${step.name}": ${count(open, 'call')} under way at its end, the oldest for ${seconds(age)}; ${count(seen.abandoned.count, 'call')} given up`;
}

/** Told by connections, where the fault reads no requests: those that were left close when they are let go. */
function heldToTheEnd(view: RunView, outage: Outage): string | undefined {
  const { proxy, step, span } = outage;
  const held = heldConnections(view, outage);
  if (outage.failing !== 'silence' || !held) return undefined;
  if (held.oldestMs < Math.max(LONG_MS, (span.to - span.from) * 0.8)) return undefined;
  const few = held.held < LEAST_HELD;
  if (held.closed > held.held * 0.3 || held.flushed < 1 || (few && !callersHang(view, outage)))
    return undefined;
  return `${proxy.name}, step "${step.name}": ${count(held.held, 'connection')} held at its end, the oldest for ${seconds(held.oldestMs)}; when it ended ${held.closed === 0 ? 'none' : held.closed} of them had been left, and ${count(held.flushed, 'call')} went through`;
}

/** Too few connections tell nothing by themselves: one that many calls share is kept open where each call has a time-out. */
function callersHang(view: RunView, { span }: Outage): boolean {
  return serviceIn(view, span).some(({ probe, failed }) => {
    const hung = failed.filter(({ ms }) => ms >= (probe.spec?.timeoutMs ?? Number.POSITIVE_INFINITY) * 0.95);
    return hung.length >= 5 && hung.length >= failed.length * 0.5;
  });
}

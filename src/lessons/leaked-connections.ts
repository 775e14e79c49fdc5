import { type Detector, NO_FAULT } from './contract.ts';
import { isPooled, usualOpen } from './view/connections.ts';
import { lastFaultEnd, trafficBefore, trafficDuring } from './view/spans.ts';
import { sufferingIn } from './view/suffering.ts';
import { ticksIn } from './view/traffic.ts';
import type { FaultSpan, ProxyView, RunView } from './view/view.ts';
import { count, list, rate, seconds } from './words.ts';

/** Pools close what is idle after some seconds; until then nothing is told. */
const LEAST_AFTER_MS = 14_000;
const SETTLING_MS = 8000;
const LEAST_ALONE = 8;
const KEPT = 0.7;
const LEAST_WITH_SUFFERING = 3;

/** Connections that nobody gives back when the fault is over. */
export const leakedConnections: Detector = {
  id: 'leaked-connections',
  question: 'Does every connection go back when the fault is over?',
  condition:
    'From 8 s after the faults to the end of the journal (14 s after them at least) connections to a database or cache stay at 70% or more of the most there were since the first fault, above their usual number by half of it and by 8 at least (by 3, where requests of users fail or take long), and there is no more traffic than usual. Or: fewer are open than usual, less than half of the usual traffic comes through, and requests of users fail or hang all the same.',
  evidence: 'open connections and traffic of a proxy before the faults and after them',
  severities: ['high'],
  remedy:
    'Give a connection back on every path, also where a statement or the roll-back after it fails (`finally`), destroy it where its state is unknown, and let the pool close what has been idle for long.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const over = lastFaultEnd(view);
    const after = { from: over + SETTLING_MS, to: view.endAt };
    const pooled = view.proxies.filter((proxy) => isPooled(proxy) && !Number.isNaN(usualOpen(view, proxy)));
    if (pooled.length === 0)
      return { notAssessed: 'no database or cache is behind a proxy: add a proxy in front of it' };
    if (!view.rollback?.emptied || view.endAt - over < LEAST_AFTER_MS)
      return {
        notAssessed: `the journal ends less than ${seconds(LEAST_AFTER_MS)} after the faults: add a last step without faults, of 20s`,
      };
    const found = pooled.flatMap((proxy) => {
      const sentence = stayOpen(view, proxy, after) ?? placesLost(view, proxy, after);
      return sentence ? [{ proxy: proxy.name, sentence }] : [];
    });
    if (found.length === 0) return undefined;
    const names = list(found.map(({ proxy }) => proxy));
    return {
      severity: 'high',
      claim: `Connections to ${names} were not given back after the faults.`,
      evidence: found.map(({ sentence }) => sentence),
      nextExperiment: `The same faults three times with 20 s between: the connections to ${names} come back to their usual number each time.`,
    };
  },
};

function stayOpen(view: RunView, proxy: ProxyView, after: FaultSpan): string | undefined {
  const usual = usualOpen(view, proxy);
  const ticks = ticksIn(proxy.ticks, after.from, after.to);
  if (ticks.length < 4) return undefined;
  const lowest = Math.min(...ticks.map(({ open }) => open));
  // A pool that has closed some keeps the others on purpose; one that keeps a few open may do so for good, too.
  const most = Math.max(...ticksIn(proxy.ticks, view.firstFaultAt!, after.to).map(({ open }) => open));
  const closing = lowest < most * KEPT;
  const least = sufferingIn(view, after).length > 0 ? LEAST_WITH_SUFFERING : LEAST_ALONE;
  const now = trafficDuring(proxy, after);
  const before = trafficBefore(view, proxy);
  const busier = now.units / now.seconds > (before.units / before.seconds) * 1.5 + 1;
  if (lowest < usual + Math.max(least, usual * 0.5) || closing || busier) return undefined;
  return `${proxy.name}: ${count(lowest, 'connection')} or more stayed open from ${seconds(SETTLING_MS)} after the faults to the end, ${seconds(after.to - after.from)} later (at most ${usual} before the first fault), for ${rate(now.units / now.seconds)}`;
}

function placesLost(view: RunView, proxy: ProxyView, after: FaultSpan): string | undefined {
  const usual = usualOpen(view, proxy);
  const ticks = ticksIn(proxy.ticks, after.from, after.to);
  const [before, now] = [trafficBefore(view, proxy), trafficDuring(proxy, after)];
  if (ticks.length < 4 || before.units < 10) return undefined;
  const fewer = Math.max(...ticks.map(({ open }) => open)) < usual;
  const starved = now.units / now.seconds < (before.units / before.seconds) * 0.5;
  const [suffering] = fewer && starved ? sufferingIn(view, after) : [];
  if (!suffering) return undefined;
  return `${proxy.name}: fewer connections than usual (${ticks.at(-1)!.open} of ${usual}) and ${rate(now.units / now.seconds)} instead of ${rate(before.units / before.seconds)} with the faults gone; ${suffering.sentence}`;
}

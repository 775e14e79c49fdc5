import { type Detector, NO_FAULT } from './contract.ts';
import { allBusy, isPooled, plateauOf } from './view/connections.ts';
import { trafficBefore, trafficDuring } from './view/spans.ts';
import { sufferingIn } from './view/suffering.ts';
import type { FaultSpan, ProxyView, RunView } from './view/view.ts';
import { count, list, rate, seconds, sinceFault } from './words.ts';

/** SQLSTATE of a server that has no connection left. */
const TOO_MANY = '53300';

/** Callers wait for a connection that nobody gives back. */
export const poolExhausted: Detector = {
  id: 'pool-exhausted',
  question: 'Are there connections enough when something else is slow?',
  condition:
    'A database or cache without a fault: its connections stood for 5 s at the most there ever were (more than usual) while its traffic fell below half, or all were busy for 5 s as they had not been before; and requests of users failed (20%) or took five times as long at that time. Or the server itself refused connections for their number (SQLSTATE 53300) at least 3 times.',
  evidence: 'open connections and traffic of a proxy; probes at the same time',
  severities: ['high'],
  remedy:
    'Hold no connection while waiting for something else; size the pool for the load, bound the wait for a connection with a time-out, and refuse early (back-pressure) when the pool is nearly spent.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const pooled = view.proxies.filter((proxy) => isPooled(proxy) && proxy.ticks.length > 0);
    if (pooled.length === 0)
      return {
        notAssessed: 'no database or cache is behind a proxy: add a proxy in front of it, without a fault',
      };
    const found = pooled.flatMap((proxy) => {
      const evidence = [...atPlateau(view, proxy), ...refused(view, proxy)];
      return evidence.length > 0 ? [{ proxy: proxy.name, evidence }] : [];
    });
    if (found.length === 0) return undefined;
    const names = list(found.map(({ proxy }) => proxy));
    return {
      severity: 'high',
      claim: `The connections to ${names} ran out under the faults.`,
      evidence: found.flatMap(({ evidence }) => evidence),
      nextExperiment: `The same faults with the same load: connections to ${names} stay below their limit, and what reads from it answers as before.`,
    };
  },
};

function atPlateau(view: RunView, proxy: ProxyView): readonly string[] {
  // A fault of its own explains what its traffic does.
  if (proxy.faulted) return [];
  const plateau = plateauOf(view, proxy);
  const starved = plateau && fell(view, proxy, plateau);
  const busy = starved ? undefined : allBusy(view, proxy);
  const span = starved ? plateau : busy;
  const suffering = span ? sufferingIn(view, span) : [];
  if (!span || suffering.length === 0) return [];
  const what = starved
    ? `${count(plateau.level, 'connection')} open and not one more (at most ${plateau.usual} before the first fault), while ${starved}`
    : `all ${count(busy!.open, 'connection')} had a statement under way`;
  return [
    `${proxy.name}: for ${seconds(span.to - span.from)}, from ${sinceFault(view, span.from)} on, ${what}`,
    ...suffering.map(({ sentence }) => sentence),
  ];
}

function fell(view: RunView, proxy: ProxyView, span: FaultSpan): string | undefined {
  const before = trafficBefore(view, proxy);
  const during = trafficDuring(proxy, span);
  if (before.units < 10 || before.seconds < 3 || during.seconds < 3) return undefined;
  const [usual, now] = [before.units / before.seconds, during.units / during.seconds];
  return now < usual / 2 ? `its traffic fell from ${rate(usual)} to ${rate(now)}` : undefined;
}

function refused(view: RunView, proxy: ProxyView): readonly string[] {
  const { from, to } = view.faulted!;
  const times = proxy.ticks
    .filter((tick) => tick.from >= from && tick.to <= to)
    .reduce((sum, { status }) => sum + (status[TOO_MANY]?.organic ?? 0), 0);
  return times >= 3
    ? [
        `${proxy.name} itself refused connections ${count(times, 'time')} because there were too many (${TOO_MANY})`,
      ]
    : [];
}

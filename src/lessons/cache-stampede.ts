import { type Detector, NO_FAULT } from './contract.ts';
import { behaviourIn } from './view/behaviour.ts';
import { type Outage, outagesOf } from './view/outages.ts';
import { trafficBefore, trafficDuring } from './view/spans.ts';
import { ticksIn } from './view/traffic.ts';
import type { FaultSpan, ProxyView, RunView } from './view/view.ts';
import { list, rate } from './words.ts';

const LEAST_ALIKE = 5;
const ALIKE = 3;
const MORE = 3;

/** All who miss in the cache ask for the same thing at once. */
export const cacheStampede: Detector = {
  id: 'cache-stampede',
  question: 'Do all who miss in the cache reload at once?',
  condition:
    'While a cache had a fault, a dependency without one had 5 or more of the same call under way at one moment, and three times as many as before; where calls are not told apart, it got three times its usual calls.',
  evidence: 'same calls under way at one moment, and calls a second, behind the cache',
  severities: ['high'],
  remedy:
    'Let one caller reload what is missing and all others wait for it or take the last known value (single flight), and spread expiry times at random.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const caches = outagesOf(view).filter(({ proxy }) => proxy.protocol === 'redis');
    if (caches.length === 0)
      return {
        notAssessed: 'no cache had a fault: add a step with redis_nil (every read misses) on it, under load',
      };
    const behind = view.proxies.filter(
      ({ name, ticks }) => ticks.length > 0 && caches.every(({ proxy }) => proxy.name !== name),
    );
    const judged = caches.flatMap((cache) => behind.flatMap((proxy) => stampede(view, cache, proxy)));
    if (judged.length === 0)
      return {
        notAssessed:
          'nothing behind the cache was seen in use: add a proxy in front of what is asked when it misses, and load',
      };
    const found = judged.filter(({ many }) => many);
    if (found.length === 0) return undefined;
    const names = list([...new Set(found.map(({ proxy }) => proxy))]);
    return {
      severity: 'high',
      claim: `When ${list([...new Set(caches.map(({ proxy }) => proxy.name))])} misses, all reload at once from ${names}.`,
      evidence: found.map(({ sentence }) => sentence),
      nextExperiment: `Every read of the cache missing, under the same load: ${names} never has more than a few of the same call under way.`,
    };
  },
};

function stampede(view: RunView, { step, span, proxy: cache }: Outage, proxy: ProxyView) {
  const before = trafficBefore(view, proxy);
  const during = trafficDuring(proxy, span);
  if (before.seconds < 3 || during.seconds < 3 || during.units < 20) return [];
  const [usual, now] = [before.units / before.seconds, during.units / during.seconds];
  const seen = behaviourIn(proxy, span);
  const earlier = alikeBefore(proxy, { from: Number.NEGATIVE_INFINITY, to: view.firstFaultAt! });
  const many = seen
    ? seen.duplicates >= Math.max(LEAST_ALIKE, earlier * ALIKE)
    : before.units >= 20 && now >= usual * MORE;
  const alike = seen
    ? `up to ${seen.duplicates} of the same call under way at one moment (${earlier} before), `
    : '';
  const sentence = `${proxy.name}, while ${cache.name} had its fault in step "${step.name}": ${alike}${rate(now)} after ${rate(usual)}`;
  return [{ proxy: proxy.name, many, sentence }];
}

function alikeBefore({ ticks }: ProxyView, span: FaultSpan): number {
  return Math.max(1, ...ticksIn(ticks, span.from, span.to).map(({ clients }) => clients?.duplicates ?? 0));
}

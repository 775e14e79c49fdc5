import { type Detector, NO_FAULT } from './contract.ts';
import { trafficBefore, trafficDuring } from './view/spans.ts';
import { sufferingIn } from './view/suffering.ts';
import type { FaultSpan, ProxyView, RunView } from './view/view.ts';
import { agree, list, rate, seconds, share } from './words.ts';

const SETTLING_MS = 3000;
const LEAST_MS = 8000;

/** The cause is gone, and what callers do about the damage keeps the damage up. */
export const metastable: Detector = {
  id: 'metastable',
  question: 'Does the system’s own load keep it down when the cause is gone?',
  condition:
    'The system was not itself again in the time allowed, requests of users still fail (20%) or take five times as long from 3 s after the faults to the end of the journal (8 s at least), and a dependency that answers well when asked alone gets 1.5 times its usual calls, or gives errors of its own to 20% of them.',
  evidence: 'traffic of the proxies and probes after the faults',
  severities: ['critical'],
  remedy:
    'Take load off until it is over: a budget for retries, queues that drop what nobody waits for any more (oldest first), and shedding at the door that lets go only when latency is back.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const { recovery, rollback, endAt, faulted } = view;
    if (!recovery || !rollback?.emptied)
      return { notAssessed: 'the journal holds no measurement of recovery' };
    if (recovery.recovered) return undefined;
    const after = { from: faulted.to + SETTLING_MS, to: Math.min(endAt, recovery.at) };
    if (after.to - after.from < LEAST_MS)
      return {
        notAssessed: `recovery was watched for less than ${seconds(LEAST_MS + SETTLING_MS)}: allow more in "recovery"`,
      };
    const suffering = sufferingIn(view, after);
    const kept = view.proxies.flatMap((proxy) => {
      const sentence = pressed(view, proxy, after);
      return sentence ? [{ proxy: proxy.name, sentence }] : [];
    });
    if (suffering.length === 0 || kept.length === 0) return undefined;
    return {
      severity: 'critical',
      claim: `The system stays down by its own load: ${list(kept.map(({ proxy }) => proxy))} ${agree(kept.length, 'is', 'are')} kept under pressure ${seconds(after.to - faulted.to)} after the faults were gone.`,
      evidence: [
        ...kept.map(({ sentence }) => sentence),
        ...suffering.map(({ sentence }) => `${sentence}, with no fault in force`),
      ],
      nextExperiment:
        'The same faults for a few seconds only, under the same load: the system is itself again within the time allowed.',
    };
  },
};

function pressed(view: RunView, proxy: ProxyView, after: FaultSpan): string | undefined {
  const canary = view.rollback?.proof?.canaries.find((one) => one.proxy === proxy.name);
  if (canary && !canary.same) return undefined;
  const [before, now] = [trafficBefore(view, proxy), trafficDuring(proxy, after)];
  if (before.units < 20 || now.units < 20) return undefined;
  const [usual, rateNow] = [before.units / before.seconds, now.units / now.seconds];
  const errors = now.organicErrors / Math.max(1, now.organicErrors + now.organicOk);
  const usualErrors = before.organicErrors / Math.max(1, before.organicErrors + before.organicOk);
  if (rateNow < usual * 1.5 && errors < usualErrors + 0.2) return undefined;
  return `${proxy.name}: ${rate(rateNow)} after the faults (${rate(usual)} before them), ${share(errors)} of them errors of its own`;
}

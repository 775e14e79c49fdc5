import type { Detector } from './contract.ts';
import { stepSpans, trafficBefore, trafficDuring } from './view/spans.ts';
import type { ProxyView, RunView } from './view/view.ts';
import { count, rate, share } from './words.ts';

const AMPLIFIED = 1.8;
const LEAST_UNITS = 20;

/** Callers answer failure with more calls. */
export const retryStorm: Detector = {
  id: 'retry-storm',
  question: 'Do callers answer a failing dependency with more calls?',
  detect(view) {
    const faulted = view.proxies.filter((proxy) => proxy.faulted);
    if (faulted.length === 0) return { notAssessed: 'no fault was injected' };
    const judged = faulted
      .map((proxy) => amplification(view, proxy))
      .filter((result) => result !== undefined)
      .sort((a, b) => b.factor - a.factor);
    const worst = judged[0];
    if (!worst)
      return { notAssessed: 'too little traffic was seen before or during the faults to compare the two' };
    if (worst.factor < AMPLIFIED) return undefined;
    const load = view.plan?.load;
    return {
      severity: worst.factor >= 3 ? 'high' : 'medium',
      claim: `${worst.proxy} got ${worst.factor.toFixed(1)} times its usual calls while it was failing: callers retry into the fault.`,
      evidence: [
        `${worst.proxy}: ${rate(worst.before)} before the first fault, ${rate(worst.during)} in step "${worst.step}" (${count(worst.units, 'call')})`,
        ...(worst.retries > 0
          ? [
              `${share(worst.retries / worst.units)} of the calls in that step said themselves that they were retries`,
            ]
          : []),
        load
          ? `demand stayed the same: the load ran at ${load.rate} requests/s throughout`
          : 'the run drove no load of its own: that demand stayed the same is assumed',
      ],
      remedy:
        'Retry few times, with growing and jittered pauses, within a budget shared by all callers (for example 10% of requests), honour Retry-After, and open a circuit breaker when the budget is spent.',
      nextExperiment:
        'A rate limit (429 with Retry-After) at 50%: do calls fall to what the provider allows, or rise?',
    };
  },
};

interface Amplification {
  readonly proxy: string;
  readonly step: string;
  readonly factor: number;
  readonly before: number;
  readonly during: number;
  readonly units: number;
  readonly retries: number;
}

function amplification(view: RunView, proxy: ProxyView): Amplification | undefined {
  const before = trafficBefore(view, proxy);
  if (before.units < LEAST_UNITS || before.seconds < 3) return undefined;
  const usual = before.units / before.seconds;
  return stepSpans(view)
    .map((span) => ({ step: span.name, seen: trafficDuring(proxy, span) }))
    .filter(({ seen }) => seen.units >= LEAST_UNITS && seen.seconds >= 3)
    .map(({ step, seen }) => ({
      proxy: proxy.name,
      step,
      factor: seen.units / seen.seconds / usual,
      before: usual,
      during: seen.units / seen.seconds,
      units: seen.units,
      retries: seen.retries,
    }))
    .sort((a, b) => b.factor - a.factor)[0];
}

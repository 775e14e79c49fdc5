import { type Detector, NO_FAULT } from './contract.ts';
import { type Behaviour, behaviourIn } from './view/behaviour.ts';
import { type Outage, outagesOf } from './view/outages.ts';
import { bringsLoad } from './view/steps.ts';
import type { RunView } from './view/view.ts';
import { count, rate, share } from './words.ts';

const AMPLIFIED = 1.8;
const LEAST_UNITS = 20;
/** Share of calls that must fail. */
const FAILED = 0.1;

/** Callers answer failure with more calls. */
export const retryStorm: Detector = {
  id: 'retry-storm',
  question: 'Do callers answer a failing dependency with more calls?',
  condition:
    'A dependency that failed in 10% of its calls or more got at least 1.8 times its usual calls a second over a step (20 calls at least before and in it); where repetitions are seen, these alone make as much of it. Steps with a load of their own are judged by repetitions alone.',
  evidence: 'calls a second before the first fault and in the step, and calls that came again',
  severities: ['high', 'medium'],
  remedy:
    'Retry few times, with growing and jittered pauses, within a budget shared by all callers (for example 10% of requests), honour Retry-After, and open a circuit breaker when the budget is spent.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = outagesOf(view)
      .map((outage) => amplification(outage))
      .filter((result) => result !== undefined)
      .sort((a, b) => b.factor - a.factor);
    const worst = judged[0];
    if (!worst)
      return {
        notAssessed:
          'no dependency failed under enough traffic, before and under the fault, to compare the two: add errors on a dependency in use, load, and a longer baseline',
      };
    if (worst.factor < AMPLIFIED) return undefined;
    const { proxy, step } = worst.outage;
    return {
      severity: worst.factor >= 2.5 ? 'high' : 'medium',
      claim: `${proxy.name} got ${worst.factor.toFixed(1)} times its usual calls while it was failing: callers retry into the fault.`,
      evidence: [
        `${proxy.name}: ${rate(worst.usual)} before the first fault, ${rate(worst.during)} in step "${step.name}" (${count(worst.units, 'call')})`,
        ...(worst.repeated > 0
          ? [`${share(worst.repeated / worst.units)} of the calls in that step were retries`]
          : []),
        demandOf(view, worst.outage),
      ],
      nextExperiment: `The same faults on ${proxy.name}: it gets no more than 1.5 times its usual calls.`,
    };
  },
};

interface Amplification {
  readonly outage: Outage;
  readonly factor: number;
  readonly usual: number;
  readonly during: number;
  readonly units: number;
  /** Calls that came again after a failure, or that said themselves that they were retries. */
  readonly repeated: number;
}

function amplification(outage: Outage): Amplification | undefined {
  const { before, traffic, proxy, span, step } = outage;
  if (before.units < LEAST_UNITS || before.seconds < 3) return undefined;
  if (traffic.units < LEAST_UNITS || traffic.seconds < 3) return undefined;
  const clients = behaviourIn(proxy, span);
  const repeated = Math.max(traffic.retries, clients?.followed ?? 0);
  if (!fails(outage, repeated, clients)) return undefined;
  const usual = before.units / before.seconds;
  const during = traffic.units / traffic.seconds;
  const byRetries = traffic.units / Math.max(1, traffic.units - repeated);
  const seen = repeated > 0 || (clients !== undefined && clients.failed > 0);
  const ownLoad = step.planned !== undefined && bringsLoad(step.planned);
  const byRate = during / usual;
  // Where repetitions are seen, what came on top of them was asked for anew.
  const factor = ownLoad ? byRetries : seen ? Math.min(byRetries, byRate) : byRate;
  return { outage, factor, usual, during, units: traffic.units, repeated };
}

/** What is asked more often without failing is asked for another reason, as a cache is that has nothing. */
function fails({ failing, errorShare, traffic }: Outage, repeated: number, clients?: Behaviour): boolean {
  const lost = Math.max(repeated, clients?.failed ?? 0, clients?.abandoned.count ?? 0);
  return failing !== 'partly' || errorShare >= FAILED || lost >= traffic.units * FAILED;
}

function demandOf(view: RunView, { step }: Outage): string {
  if (step.planned && bringsLoad(step.planned))
    return 'the step had a load of its own: first calls are taken as the demand';
  const load = view.plan?.load;
  return load
    ? `demand stayed the same: the load ran at ${load.rate} requests/s throughout`
    : 'the run drove no load of its own: that demand stayed the same is assumed';
}

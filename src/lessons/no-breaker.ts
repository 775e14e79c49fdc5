import { type Detector, NO_FAULT } from './contract.ts';
import { type CallsIntoOutage, callsIntoOutages } from './view/breaker.ts';
import { outagesOf } from './view/outages.ts';
import { list, rate, share } from './words.ts';

const LEAST_CALLS = 10;

export const UNDECIDED =
  'no dependency in use did nothing but fail for 10 s in calls that came to an end and were not told when to come back: add a step of at least 15 s with errors (or a blackhole, where calls have time-outs) on all calls';

/** A dependency that does nothing but fail is asked on and on. */
export const noBreaker: Detector = {
  id: 'no-breaker',
  question: 'Do callers stop asking a dependency that does nothing but fail?',
  condition:
    'At least 90% of the answers of a dependency were errors, or it answered nothing, and after 40% of the step (4 s at least) calls still came at half of their usual rate or more (30% where each first waits for nothing), at least 10 of them. Not where answers said when to come back, nor where calls never ended.',
  evidence: 'calls a second before the first fault and late in the step',
  severities: ['high'],
  remedy:
    'Put a circuit breaker round the dependency, shared by all callers of the process: open it after a few failures, answer at once while it is open, and let one call through from time to time.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = callsIntoOutages(view, outagesOf(view));
    if (judged.length === 0) return { notAssessed: UNDECIDED };
    const found = judged.filter(goesOn);
    if (found.length === 0) return undefined;
    const names = list([...new Set(found.map(({ outage }) => outage.proxy.name))]);
    return {
      severity: 'high',
      claim: `No circuit breaker opens for ${names}: callers go on asking while nothing but failures come back.`,
      evidence: found.map(
        ({ outage, usual, late, share: left, lateCalls }) =>
          `${outage.proxy.name}, step "${outage.step.name}": ${rate(late)} late in the step (${lateCalls} calls), ${share(left)} of the usual ${rate(usual)}, ${outage.failing === 'silence' ? 'none of which was answered' : `${share(outage.errorShare)} of the answers errors`}`,
      ),
      nextExperiment: `All calls to ${names} failing for 30 s: within 10 s they fall below a quarter of their usual rate, and users are served.`,
    };
  },
};

function goesOn({ outage, share: left, lateCalls }: CallsIntoOutage): boolean {
  return left >= (outage.failing === 'silence' ? 0.3 : 0.5) && lateCalls >= LEAST_CALLS;
}

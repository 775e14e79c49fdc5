import { type Detector, NO_FAULT } from './contract.ts';
import { beforeFault, underFault } from './view/spans.ts';
import { count, list, seconds, share } from './words.ts';

const LEAST_FAILED = 10;

/** Failing took as long as the caller was ready to wait. */
export const hangingCalls: Detector = {
  id: 'hanging-calls',
  question: 'Does the system fail fast, or let its callers hang?',
  condition:
    'At least 10 samples of a probe failed under the faults, and at least half of them after 95% or more of its time-out, as none did before.',
  evidence: 'failed samples of the probes',
  severities: ['high'],
  remedy:
    'Give every remote call and every wait for a pooled connection a time-out shorter than what callers wait, and answer with an error (503, Retry-After) when it is spent.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const failing = view.probes
      .map((probe) => {
        const timeoutMs = probe.spec?.timeoutMs ?? Number.POSITIVE_INFINITY;
        const failed = underFault(view, probe).filter((sample) => !sample.ok);
        const hung = failed.filter((sample) => sample.ms >= timeoutMs * 0.95).length;
        const median = probe.baseline('p50');
        const early = beforeFault(view, probe).filter((sample) => sample.ms >= timeoutMs * 0.95).length;
        return { name: probe.name, timeoutMs, failed: failed.length, hung, median, early };
      })
      .filter((one) => one.failed >= LEAST_FAILED && one.early === 0);
    if (failing.length === 0)
      return {
        notAssessed:
          'too few samples failed to tell how they fail: where users should feel the fault, make it longer or its probes more frequent',
      };
    const hanging = failing.filter((one) => one.hung / one.failed >= 0.5);
    if (hanging.length === 0) return undefined;
    const names = list(hanging.map((one) => one.name));
    return {
      severity: 'high',
      claim: `Callers of ${names} hang until they give up instead of being told no.`,
      evidence: hanging.map(
        (one) =>
          `${one.name}: ${share(one.hung / one.failed)} of ${count(one.failed, 'failed sample')} waited out the probe's whole time-out of ${seconds(one.timeoutMs)}${Number.isNaN(one.median) ? '' : ` (usual answer: ${seconds(one.median)})`}`,
      ),
      nextExperiment: `The same faults: what ${names} cannot be given is refused within ${seconds(Math.min(...hanging.map((one) => one.timeoutMs)) / 2)}.`,
    };
  },
};

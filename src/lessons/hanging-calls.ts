import type { Detector } from './contract.ts';
import { beforeFault, underFault } from './view/spans.ts';
import { count, list, seconds, share } from './words.ts';

const LEAST_FAILED = 10;

/** Failing took as long as the caller was ready to wait. */
export const hangingCalls: Detector = {
  id: 'hanging-calls',
  question: 'Does the system fail fast, or let its callers hang?',
  detect(view) {
    if (!view.faulted) return { notAssessed: 'no fault was injected' };
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
    if (failing.length === 0) return { notAssessed: 'too few samples failed to tell how they fail' };
    const hanging = failing.filter((one) => one.hung / one.failed >= 0.5);
    if (hanging.length === 0) return undefined;
    return {
      severity: 'high',
      claim: `Callers of ${list(hanging.map((one) => one.name))} hang until they give up instead of being told no.`,
      evidence: hanging.map(
        (one) =>
          `${one.name}: ${share(one.hung / one.failed)} of ${count(one.failed, 'failed sample')} waited out the probe's whole time-out of ${seconds(one.timeoutMs)}${Number.isNaN(one.median) ? '' : ` (usual answer: ${seconds(one.median)})`}`,
      ),
      remedy:
        'Give every remote call and every wait for a pooled connection a time-out shorter than what callers wait, and answer with an error (503, Retry-After) when it is spent.',
    };
  },
};

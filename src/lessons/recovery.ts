import { type Detector, NO_FAULT } from './contract.ts';
import { figure, seconds } from './words.ts';

/** The system did not come back by itself, or too late. */
export const recovery: Detector = {
  id: 'recovery',
  question: 'Does the system come back by itself once the faults are gone?',
  condition:
    'After the faults no window held every expectation (critical), or the first that did came later than the experiment allows (high). Good: it came in time, and a probe had left its baseline.',
  evidence: 'the run’s own measurement of recovery',
  severities: ['critical', 'high', 'good'],
  remedy:
    'Bound what is kept while a dependency is gone (queue length, retries, open requests), so that there is little to work off when it returns; probe a broken dependency gently and close the circuit as soon as it answers.',
  keep: 'Keep it so: let this experiment run with each release and hold the recovery limit.',
  detect({ recovery: seen, plan, faulted, probes, departures }) {
    if (!faulted) return NO_FAULT;
    if (!seen)
      return { notAssessed: 'the journal holds no measurement of recovery: give the experiment "recovery"' };
    const allowed = plan ? ` (${seconds(plan.recoveryMs)} allowed)` : '';
    if (!seen.recovered) {
      const still = seen.windows.flatMap((window) =>
        window.missed.map(
          ({ text, measure }) =>
            `${window.probe} still missed ${text}: ${figure(measure, window.measures[measure] ?? null)}, baseline ${figure(
              measure,
              probes.find((probe) => probe.name === window.probe)?.baseline(measure) ?? null,
            )}`,
        ),
      );
      const took =
        seen.afterMs === null
          ? `no window after the rollback held every expectation${allowed}`
          : `the first window that held every expectation began ${seconds(seen.afterMs)} after the rollback${allowed}`;
      return {
        severity: seen.afterMs === null ? 'critical' : 'high',
        claim:
          seen.afterMs === null
            ? `The system did not recover by itself after the faults were gone${allowed}.`
            : `The system took ${seconds(seen.afterMs)} to recover, longer than allowed${allowed}.`,
        evidence: [took, ...still],
        nextExperiment:
          'A short fault (a few seconds) with the same recovery limit: does even a brief outage leave it broken?',
      };
    }
    if (departures.length === 0) return undefined;
    return {
      severity: 'good',
      claim: `The system was itself again ${seconds(seen.afterMs ?? 0)} after the rollback, without help${allowed}.`,
      evidence: [
        `every expectation of ${seen.windows.length} probes held in a window that began ${seconds(seen.afterMs ?? 0)} after the fault set was empty`,
      ],
    };
  },
};

import { type Expectation, meets } from '../core/expectation.ts';
import { type Detector, NO_FAULT } from './contract.ts';
import { beforeFault } from './view/spans.ts';
import type { ProbeView, RunView } from './view/view.ts';
import { count, figure, list, sinceFault } from './words.ts';

/** Invariants: a value that an expectation pins with `==`. */
export const dataLost: Detector = {
  id: 'data-lost',
  question: 'Did every invariant hold, so that nothing was lost and nothing done twice?',
  condition:
    'A probe whose expectation pins a value with `==`, and that held it before the first fault, missed it afterwards: still at the end of the journal (critical), or only for a time (high). Good: each held in every reading.',
  evidence: 'readings of the invariants',
  severities: ['critical', 'high', 'good'],
  remedy:
    'Find the write that is acknowledged before it is safe, the work that is dropped when a call fails, and the one that is done again without a key that tells: commit together what belongs together, and keep unfinished work where a restart finds it.',
  keep: 'Keep the invariant as a probe in every experiment.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const invariants = view.probes.flatMap((probe) => {
      const expectation = probe.spec?.expect.find(
        ({ measure, operator, relative }) => measure === 'value' && operator === '==' && !relative,
      );
      return expectation ? [{ probe, expectation }] : [];
    });
    if (invariants.length === 0)
      return {
        notAssessed:
          'no probe pins a value: add one with "value: == 0" on a count of what was lost or done twice',
      };
    const seen = invariants.map((one) => judge(view, one.probe, one.expectation));
    const judged = seen.filter((one) => one.after > 0 && !one.brokenBefore);
    if (judged.length === 0) return { notAssessed: 'no invariant could be read after the first fault' };
    const broken = judged.filter((one) => one.firstMiss !== undefined);
    if (broken.length === 0) {
      return {
        severity: 'good',
        claim: `Nothing was lost: ${list(judged.map((one) => one.name))} held throughout.`,
        evidence: judged.map(
          (one) =>
            `${one.name}: ${one.expectation.text} in all ${count(one.after, 'reading')} since the first fault`,
        ),
      };
    }
    const lasting = broken.some((one) => one.atEnd);
    return {
      severity: lasting ? 'critical' : 'high',
      claim: lasting
        ? `${list(broken.map((one) => one.name))} broke under the fault and stayed broken after it: data was lost, or done twice.`
        : `${list(broken.map((one) => one.name))} broke under the fault and mended itself after it.`,
      evidence: broken.map(
        (one) =>
          `${one.name}: expected ${one.expectation.text}, was ${figure('value', one.firstMiss!.value)} ${sinceFault(view, one.firstMiss!.at)} and ${figure('value', one.last)} at the end of the run`,
      ),
      nextExperiment: 'Kill the connections in the middle of a write, and count again.',
    };
  },
};

function judge(view: RunView, probe: ProbeView, expectation: Expectation) {
  const misses = (value: number) => !meets(expectation, value);
  const readings = probe.samples.filter((sample) => sample.value !== undefined);
  const after = readings.filter((sample) => sample.at >= view.firstFaultAt!);
  const firstMiss = after.find((sample) => misses(sample.value!));
  const last = after.at(-1)?.value ?? Number.NaN;
  return {
    name: probe.name,
    expectation,
    after: after.length,
    brokenBefore: beforeFault(view, probe).some(
      (sample) => sample.value !== undefined && misses(sample.value),
    ),
    firstMiss: firstMiss ? { at: firstMiss.at, value: firstMiss.value! } : undefined,
    last,
    atEnd: misses(last),
  };
}

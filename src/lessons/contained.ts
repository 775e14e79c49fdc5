import { type Detector, NO_FAULT } from './contract.ts';
import { underFault } from './view/spans.ts';
import { agree, count, list } from './words.ts';

const LEAST_SAMPLES = 20;

/** Probes that the faults did not reach although others were hit, or all of them. */
export const contained: Detector = {
  id: 'contained',
  question: 'What did the faults not reach?',
  condition: 'A probe with expectations had 20 samples or more under the faults and never left its baseline.',
  evidence: 'samples of the probes under the faults',
  severities: ['good'],
  remedy: 'Keep what separates it from the faulted dependency.',
  detect(view) {
    const { faulted, departures, probes } = view;
    if (!faulted) return NO_FAULT;
    const gone = new Set(departures.map((departure) => departure.probe));
    const stayed = probes.filter(
      (probe) =>
        !gone.has(probe.name) &&
        (probe.spec?.expect.length ?? 0) > 0 &&
        underFault(view, probe).length >= LEAST_SAMPLES,
    );
    if (stayed.length === 0) return undefined;
    const all = stayed.length === probes.length;
    return {
      severity: 'good',
      claim: all
        ? `No probe left its baseline: users felt nothing of the fault on ${list(view.proxies.filter((proxy) => proxy.faulted).map((proxy) => proxy.name))}.`
        : `${list(stayed.map((probe) => probe.name))} never left ${agree(stayed.length, 'its', 'their')} baseline.`,
      evidence: stayed.map((probe) => {
        const samples = underFault(view, probe);
        const failed = samples.filter((sample) => !sample.ok).length;
        return `${probe.name}: ${count(samples.length, 'sample')} under the faults, ${failed} failed, every expectation held`;
      }),
    };
  },
};

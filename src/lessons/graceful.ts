import { type Detector, NO_FAULT } from './contract.ts';
import { crashSigns } from './view/crashes.ts';
import { isRequest, type Service, serviceIn } from './view/served.ts';
import { measure } from './view/window.ts';
import { agree, count, list, seconds, share } from './words.ts';

const LEAST_SAMPLES = 20;
const FEW = 0.2;
const QUICK_MS = 1000;

/** Something was given up, and the rest went on. */
export const graceful: Detector = {
  id: 'graceful-degradation',
  question: 'Is what cannot be given given up in good order?',
  condition:
    'A probe left its baseline, yet requests (20 samples at least of each probe) failed in less than 20% or were refused quickly (median within 1 s and half the time-out), at least one of them was served all along (less than 5% failed, never out of its baseline), no process ended and recovery came in time.',
  evidence: 'samples of the probes under the faults, and recovery',
  severities: ['good'],
  remedy: 'Keep the order in which things are given up, and write it down where people on call find it.',
  detect(view) {
    const { faulted, recovery, departures } = view;
    if (!faulted) return NO_FAULT;
    const services = serviceIn(view, faulted).filter(
      ({ probe, samples }) => isRequest(probe) && samples.length >= LEAST_SAMPLES,
    );
    if (services.length === 0)
      return {
        notAssessed:
          'no probe of requests has enough samples under the faults: add HTTP probes of what matters most and least',
      };
    if (!recovery) return { notAssessed: 'the journal holds no measurement of recovery' };
    const gone = new Set(departures.map(({ probe }) => probe));
    const kept = services.filter(({ probe, share: failed }) => failed < 0.05 && !gone.has(probe.name));
    const orderly = services.every((service) => service.share < FEW || refusedQuickly(service));
    if (departures.length === 0 || kept.length === 0 || !orderly) return undefined;
    if (!recovery.recovered || crashSigns(view).length > 0) return undefined;
    const refused = services.filter(({ share: failed }) => failed >= FEW);
    const names =
      refused.length > 0 ? refused.map(({ probe }) => probe.name) : departures.map(({ probe }) => probe);
    const what =
      refused.length > 0
        ? `${list(names)} ${agree(names.length, 'was', 'were')} refused at once`
        : `${list(names)} left ${agree(names.length, 'its', 'their')} baseline`;
    return {
      severity: 'good',
      claim: `Degradation was graceful: ${what}, and ${list(kept.map(({ probe }) => probe.name))} went on.`,
      evidence: services.map(
        ({ probe, samples, failed, share: part }) =>
          `${probe.name}: ${failed.length} of ${count(samples.length, 'sample')} failed (${share(part)})${failed.length > 0 ? `, within ${seconds(measure(failed, 'p50'))} (median)` : ''}`,
      ),
    };
  },
};

function refusedQuickly({ probe, failed }: Service): boolean {
  return measure(failed, 'p50') <= Math.min(QUICK_MS, (probe.spec?.timeoutMs ?? QUICK_MS) / 2);
}

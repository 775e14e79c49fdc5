import { type Detector, NO_FAULT } from './contract.ts';
import { substitutesOf } from './view/substitutes.ts';
import { count, list, share } from './words.ts';

const DEAD = 0.9;
const LEAST_CALLS = 10;

/** A dependency did nothing but fail, and users went on being served. */
export const fallbackWorked: Detector = {
  id: 'fallback-worked',
  question: 'Do users go on being served while a dependency does nothing but fail?',
  condition:
    'An AI provider, another service or a cache that had at least 10 calls before failed in 90% of its calls or answered nothing, the calls came to an end, and every probe of something else (10 samples at least) failed in less than 5%.',
  evidence: 'answers of the failing dependency; samples of the probes at the same time',
  severities: ['good'],
  remedy:
    'Keep the fallback, and this experiment with each release: a path that is rarely taken breaks unseen.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = substitutesOf(view);
    if ('notAssessed' in judged) return judged;
    const dead = judged.filter(
      ({ outage: { failing, errorShare, before } }) =>
        (failing !== 'partly' || errorShare >= DEAD) && before.units >= LEAST_CALLS,
    );
    if (dead.length === 0) return undefined;
    if (judged.some(({ services }) => services.some((service) => !(service.share < 0.05)))) return undefined;
    return {
      severity: 'good',
      claim: `Users went on being served while ${list([...new Set(dead.map(({ outage }) => outage.proxy.name))])} did nothing but fail.`,
      evidence: dead.map(({ outage: { proxy, step, failing, errorShare }, services }) => {
        const how =
          failing === 'silence'
            ? 'answered nothing'
            : failing === 'refused'
              ? 'refused every connection'
              : `failed in ${share(errorShare)} of its answers`;
        const seen = services.map(
          ({ probe, samples, failed }) =>
            `${probe.name} ${samples.length - failed.length} of ${count(samples.length, 'sample')}`,
        );
        return `step "${step.name}": ${proxy.name} ${how}; served: ${seen.join(', ')}`;
      }),
    };
  },
};

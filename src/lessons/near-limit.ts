import { BOUND_WORDS } from '../safety/bounds/index.ts';
import { type Detector, NO_FAULT } from './contract.ts';
import { boundApproaches } from './view/bounds.ts';
import { approaches } from './view/limits.ts';
import { list } from './words.ts';

const NEAR = 0.8;

/** A limit that nearly stopped the run: the next one may be stopped by luck alone. */
export const nearLimit: Detector = {
  id: 'near-limit',
  question: 'Was any limit nearly reached?',
  condition:
    'A limit that did not fire was used up by 80% or more, in its bound or in the time that it may be passed.',
  evidence: 'measures of the probes and of the data plane, beside the limits',
  severities: ['medium'],
  remedy:
    'Do not rely on the margin: mend what drove the measure up before the fault is made stronger or longer.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const all = [
      ...approaches(view).map(({ probe, ...one }) => ({ ...one, what: probe })),
      ...boundApproaches(view).map(({ limit, ...one }) => ({ ...one, what: BOUND_WORDS[limit] })),
    ];
    if (all.length === 0)
      return { notAssessed: 'no limit watches a probe of this run: add one to "abortWhen"' };
    const near = all.filter((one) => !one.breached && one.used >= NEAR);
    if (near.length === 0) return undefined;
    return {
      severity: 'medium',
      claim: `The run came close to ${near.length === 1 ? 'a limit' : `${near.length} limits`} that did not fire (${list(near.map((one) => one.what))}): it was lucky.`,
      evidence: near.map((one) => `${one.what}: ${one.sentence}`),
      nextExperiment: 'Repeat the run with another seed, to learn how much of the margin is chance.',
    };
  },
};

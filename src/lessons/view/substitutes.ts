import type { NotAssessed } from '../contract.ts';
import { type Outage, outagesOf } from './outages.ts';
import { endedOf } from './patience.ts';
import { type Service, serviceIn } from './served.ts';
import { beforeFault, shareFailed } from './spans.ts';
import type { ProxyView, RunView } from './view.ts';

/** Users of a system while a dependency that it might do without did nothing but fail. */
export interface Substitute {
  readonly outage: Outage;
  readonly services: readonly Service[];
}

const LEAST_SAMPLES = 10;
const SETTLING_MS = 1000;

/** A system of record has no substitute; what else is asked over HTTP or kept in a cache may have one. */
function replaceable({ ai, protocol }: ProxyView): boolean {
  return ai || protocol === 'http' || protocol === 'redis';
}

/** Steps in which all faults were on such dependencies, and one of them did nothing but fail in calls that came to an end. */
export function substitutesOf(view: RunView): readonly Substitute[] | NotAssessed {
  const outages = outagesOf(view);
  const alone = outages.filter(({ step, proxy }) => replaceable(proxy) && othersFine(outages, step.number));
  if (alone.length === 0)
    return {
      notAssessed:
        'no step had faults only on dependencies that a system may do without (AI, HTTP, a cache): add one with errors on all calls to such a dependency',
    };
  const failing = alone.filter(({ failing, errorShare }) => failing !== 'partly' || errorShare >= 0.5);
  if (failing.length === 0)
    return {
      notAssessed:
        'no such dependency failed in more than half of its calls: add a step with errors on all of them',
    };
  const ended = failing.filter((outage) => endedOf(view, outage) === 'ended');
  if (ended.length === 0)
    return {
      notAssessed:
        'no call to the failing dependency came to an end, so that nothing told anybody to do without it: give calls a time-out and an end to their retries, and run again',
    };
  const judged = ended.flatMap((outage) => {
    const { from, to } = outage.span;
    const services = serviceIn(view, { from: from + SETTLING_MS, to }).filter(
      ({ probe, samples }) =>
        samples.length >= LEAST_SAMPLES && !(shareFailed(beforeFault(view, probe)) > 0.05),
    );
    return services.length > 0 ? [{ outage, services }] : [];
  });
  if (judged.length === 0)
    return {
      notAssessed:
        'too few samples of what users get were taken while it failed: add a probe of that, or a longer step',
    };
  return judged;
}

function othersFine(outages: readonly Outage[], step: number): boolean {
  return outages.every((other) => other.step.number !== step || replaceable(other.proxy));
}

import { beforeFault, underFault } from '../../lessons/view/spans.ts';
import type { RunView } from '../../lessons/view/view.ts';
import { between, type TimedSample } from '../../lessons/view/window.ts';
import type { Availability } from '../findings.ts';
import { round } from './base.ts';

/** Share of good samples, per probe and over all of them. */
export function availabilityOf(view: RunView): Availability {
  const end = view.faulted?.to ?? Number.POSITIVE_INFINITY;
  return {
    overall: good(view.probes.flatMap((probe) => underFault(view, probe))),
    probes: view.probes.map((probe) => ({
      probe: probe.name,
      before: good(beforeFault(view, probe)),
      during: good(underFault(view, probe)),
      after: good(between(probe.samples, end, Number.POSITIVE_INFINITY)),
    })),
  };
}

function good(samples: readonly TimedSample[]): number | null {
  return samples.length === 0 ? null : round(samples.filter(({ ok }) => ok).length / samples.length, 4);
}

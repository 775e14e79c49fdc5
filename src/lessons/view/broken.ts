import { isRequest } from './served.ts';
import { shareFailed, underFault, withheld } from './spans.ts';
import type { ProbeView, RunView } from './view.ts';
import { between, type TimedSample } from './window.ts';

export const STRETCH_MS = 10_000;

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/** A probe that failed by half and more for a while. */
export interface Broken {
  readonly probe: string;
  readonly worst: Stretch;
}

/** Of those wanted, the ones that failed by half over ten seconds under the faults; requests of users, where there are such probes. */
export function brokenProbes(view: RunView, wanted: (probe: ProbeView) => boolean): readonly Broken[] {
  const probes = view.probes.filter(wanted);
  const requests = probes.filter(isRequest);
  return (requests.length > 0 ? requests : probes)
    .map((probe) => ({ probe: probe.name, worst: worstStretch(view, probe) }))
    .filter((one): one is Broken => one.worst !== undefined && one.worst.share >= 0.5);
}

/** The ten seconds with the largest share of samples in which users got nothing, of at least ten samples. */
function worstStretch(view: RunView, probe: ProbeView): Stretch | undefined {
  const samples = underFault(view, probe);
  const failures = new Set<TimedSample>(withheld(probe, samples));
  const judged = samples.map((sample) => ({ ...sample, ok: !failures.has(sample) }));
  let worst: Stretch | undefined;
  for (const { at, ms } of judged) {
    const span = { from: at + ms - STRETCH_MS, to: at + ms };
    const stretch = between(judged, span.from, span.to);
    const failed = shareFailed(stretch);
    if (stretch.length >= 10 && (worst === undefined || failed > worst.share))
      worst = { ...span, share: failed };
  }
  return worst;
}

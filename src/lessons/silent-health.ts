import type { Detector } from './contract.ts';
import { shareFailed, underFault } from './view/spans.ts';
import type { ProbeView } from './view/view.ts';
import { between, type TimedSample } from './view/window.ts';
import { count, list, share } from './words.ts';

const HEALTH_PATH = /\/(health|healthz|healthcheck|ready|readyz|readiness|live|livez|liveness|status)\/?$/i;

/** The system's own health endpoint went on saying that all is well. */
export const silentHealth: Detector = {
  id: 'silent-health',
  question: "Does the system's own health endpoint notice?",
  detect(view) {
    const health = view.probes.filter((probe) => isHealth(probe));
    if (health.length === 0) return { notAssessed: 'no probe asks a health endpoint' };
    if (!view.faulted) return { notAssessed: 'no fault was injected' };
    const broken = view.probes
      .filter((probe) => !health.includes(probe))
      .map((probe) => ({ probe: probe.name, worst: worstStretch(underFault(view, probe)) }))
      .filter(({ worst }) => worst !== undefined && worst.share >= 0.5);
    if (broken.length === 0) return { notAssessed: 'no probe failed for long enough to be noticed' };
    const silent = health.filter((probe) =>
      broken.some(({ worst }) => {
        const then = between(probe.samples, worst!.from, worst!.to);
        return then.length >= 3 && then.every((sample) => sample.ok);
      }),
    );
    if (silent.length === 0) return undefined;
    return {
      severity: 'high',
      claim: `${list(silent.map((probe) => probe.name))} went on reporting a healthy system while ${list(broken.map(({ probe }) => probe))} failed.`,
      evidence: [
        ...silent.map((probe) => {
          const samples = underFault(view, probe);
          return `${probe.name}: ${count(samples.filter((sample) => sample.ok).length, 'good answer')} of ${samples.length} under the faults`;
        }),
        ...broken.map(({ probe, worst }) => `${probe}: ${share(worst!.share)} of samples failed within 10 s`),
      ],
      remedy:
        'Let readiness tell what users feel: the state of pools and queues and the age of the oldest unfinished work, not only that the process answers. Keep liveness apart, so that a failing dependency does not restart the process.',
    };
  },
};

function isHealth({ spec }: ProbeView): boolean {
  return spec?.kind === 'http' && HEALTH_PATH.test(spec.url.split(/[?#]/)[0]!);
}

/** The ten seconds with the largest share of failed samples, of at least ten. */
function worstStretch(samples: readonly TimedSample[]) {
  let worst: { from: number; to: number; share: number } | undefined;
  for (const { at, ms } of samples) {
    const stretch = between(samples, at + ms - 10_000, at + ms);
    const failed = shareFailed(stretch);
    if (stretch.length >= 10 && (worst === undefined || failed > worst.share))
      worst = { from: at + ms - 10_000, to: at + ms, share: failed };
  }
  return worst;
}

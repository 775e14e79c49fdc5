import type { Detector } from './contract.ts';
import { shareFailed, underFault, withheld } from './view/spans.ts';
import type { ProbeView, RunView } from './view/view.ts';
import { between, type TimedSample } from './view/window.ts';
import { count, list, seconds, share, sinceFault } from './words.ts';

const HEALTH_PATH = /\/(health|healthz|healthcheck|ready|readyz|readiness|live|livez|liveness|status)\/?$/i;
const STRETCH_MS = 10_000;
const LATE_MS = 5000;

const REMEDY =
  'Let readiness tell what users feel: the state of pools and queues and the age of the oldest unfinished work, not only that the process answers. Keep liveness apart, so that a failing dependency does not restart the process.';

/** The system's own health endpoint went on saying that all is well, or said otherwise too late. */
export const silentHealth: Detector = {
  id: 'silent-health',
  question: "Does the system's own health endpoint notice?",
  detect(view) {
    const health = view.probes.filter((probe) => isHealth(probe));
    if (health.length === 0) return { notAssessed: 'no probe asks a health endpoint' };
    if (!view.faulted) return { notAssessed: 'no fault was injected' };
    const broken = view.probes
      .filter((probe) => !health.includes(probe))
      .map((probe) => ({ probe: probe.name, worst: worstStretch(view, probe) }))
      .filter((one): one is Broken => one.worst !== undefined && one.worst.share >= 0.5);
    if (broken.length === 0) return { notAssessed: 'no probe failed for long enough to be noticed' };
    return silence(view, health, broken) ?? lateness(view, health, broken);
  },
};

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

interface Broken {
  readonly probe: string;
  readonly worst: Stretch;
}

function silence(view: RunView, health: readonly ProbeView[], broken: readonly Broken[]) {
  const silent = health.filter((probe) => {
    const then = broken.flatMap(({ worst }) => between(probe.samples, worst.from, worst.to));
    return then.length >= 3 && underFault(view, probe).every((sample) => sample.ok);
  });
  if (silent.length === 0) return undefined;
  return {
    severity: 'high' as const,
    claim: `${list(silent.map((probe) => probe.name))} went on reporting a healthy system while ${list(broken.map(({ probe }) => probe))} failed.`,
    evidence: [
      ...silent.map(
        (probe) =>
          `${probe.name}: ${count(underFault(view, probe).length, 'good answer')} under the faults, and no other`,
      ),
      ...broken.map(evidenceOf),
    ],
    remedy: REMEDY,
  };
}

function lateness(view: RunView, health: readonly ProbeView[], broken: readonly Broken[]) {
  const first = view.departures.find(({ probe }) => broken.some((one) => one.probe === probe));
  const late = health.flatMap((probe) => {
    const noticed = view.departures.find((departure) => departure.probe === probe.name);
    return first && noticed && noticed.at - first.at > LATE_MS ? [{ probe, at: noticed.at }] : [];
  });
  if (!first || late.length === 0) return undefined;
  return {
    severity: 'medium' as const,
    claim: `${list(late.map(({ probe }) => probe.name))} noticed ${seconds(Math.min(...late.map(({ at }) => at)) - first.at)} after ${first.probe} had left its baseline.`,
    evidence: [
      `${first.probe} left its baseline ${sinceFault(view, first.at)}`,
      ...late.map(({ probe, at }) => `${probe.name} left its own ${sinceFault(view, at)}`),
      ...broken.map(evidenceOf),
    ],
    remedy: REMEDY,
  };
}

function evidenceOf({ probe, worst }: Broken): string {
  return `${probe}: ${share(worst.share)} of samples failed within ${seconds(STRETCH_MS)}`;
}

function isHealth({ spec }: ProbeView): boolean {
  return spec?.kind === 'http' && HEALTH_PATH.test(spec.url.split(/[?#]/)[0]!);
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

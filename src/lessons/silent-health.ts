import { type Detector, NO_FAULT } from './contract.ts';
import { type Broken, brokenProbes, STRETCH_MS } from './view/broken.ts';
import { asksHealth } from './view/served.ts';
import { underFault } from './view/spans.ts';
import type { ProbeView, RunView } from './view/view.ts';
import { between } from './view/window.ts';
import { count, list, seconds, share, sinceFault } from './words.ts';

const LATE_MS = 5000;

/** The system's own health endpoint went on saying that all is well, or said otherwise too late. */
export const silentHealth: Detector = {
  id: 'silent-health',
  question: "Does the system's own health endpoint notice?",
  condition:
    'A probe of requests failed by half over 10 s under the faults while a probe of a health endpoint (HTTP, a path such as `/health` or `/readyz`) had none but good answers; or the endpoint noticed more than 5 s after the first such probe left its baseline.',
  evidence: 'probes of the health endpoint and of requests',
  severities: ['high', 'medium'],
  remedy:
    'Let readiness tell what users feel: the state of pools and queues and the age of the oldest unfinished work, not only that the process answers. Keep liveness apart, so that a failing dependency does not restart the process.',
  detect(view) {
    const health = view.probes.filter((probe) => asksHealth(probe));
    if (health.length === 0)
      return {
        notAssessed:
          'no probe asks a health endpoint: add an HTTP probe on the path that a load balancer would ask',
      };
    if (!view.faulted) return NO_FAULT;
    const broken = brokenProbes(view, (probe) => !health.includes(probe));
    if (broken.length === 0)
      return { notAssessed: 'no probe of requests failed for long enough to be noticed' };
    return silence(view, health, broken) ?? lateness(view, health, broken);
  },
};

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
    nextExperiment: 'The same faults: the health endpoint says so before half of the requests fail.',
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
    nextExperiment: 'The same faults: the health endpoint says so before half of the requests fail.',
  };
}

function evidenceOf({ probe, worst }: Broken): string {
  return `${probe}: ${share(worst.share)} of samples failed within ${seconds(STRETCH_MS)}`;
}

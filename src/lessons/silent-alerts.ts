import { type Detector, NO_FAULT } from './contract.ts';
import { brokenProbes } from './view/broken.ts';
import { asksHealth } from './view/served.ts';
import { beforeFault, underFault } from './view/spans.ts';
import type { ProbeView } from './view/view.ts';
import { count, figure, list, share } from './words.ts';

/** How long an alert may take. */
const PATIENCE_MS = 5000;

/** Users suffered, and no alert came. */
export const silentAlerts: Detector = {
  id: 'silent-alerts',
  question: 'Does an alert fire when users suffer?',
  condition:
    'A probe of requests failed by half over 10 s, and no probe of alerts (a metric or a probe whose name holds "alert", with a value) ever read more than before the first fault, from then to the end of the faults (5 s later at least, 3 readings).',
  evidence: 'probes of alerts, such as prometheus on `ALERTS`; probes of requests',
  severities: ['high'],
  remedy:
    'Alert on what users feel (error rate and latency of requests, over minutes and over seconds), not only on machines; and rehearse that the alert reaches somebody.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const alerts = view.probes.filter(isAlert);
    if (alerts.length === 0)
      return {
        notAssessed:
          'no probe reads what the alerts say: add a prometheus probe on ALERTS (or one named "alerts" that counts what fires)',
      };
    const broken = brokenProbes(view, (probe) => !isAlert(probe) && !asksHealth(probe));
    if (broken.length === 0)
      return { notAssessed: 'no probe of requests failed for long enough to be noticed' };
    const since = Math.min(...broken.map(({ worst }) => worst.from));
    const read = alerts.map((probe) => {
      const usual = Math.max(0, ...beforeFault(view, probe).map(({ value }) => value ?? 0));
      const then = underFault(view, probe).filter(({ at, value }) => at >= since && value !== undefined);
      const late = then.some(({ at }) => at >= since + PATIENCE_MS);
      return {
        probe,
        usual,
        then,
        late,
        fired: underFault(view, probe).some(({ value }) => (value ?? 0) > usual),
      };
    });
    if (read.some(({ fired }) => fired)) return undefined;
    if (!read.some(({ then, late }) => late && then.length >= 3))
      return { notAssessed: 'alerts were not read while users suffered: ask them more often' };
    return {
      severity: 'high',
      claim: `No alert fired while ${list(broken.map(({ probe }) => probe))} failed.`,
      evidence: [
        ...read.map(
          ({ probe, then, usual }) =>
            `${probe.name}: ${count(then.length, 'reading')} after users began to suffer, none above ${figure('value', usual)}`,
        ),
        ...broken.map(({ probe, worst }) => `${probe}: ${share(worst.share)} of samples failed within 10 s`),
      ],
      nextExperiment: 'The same faults: an alert fires before the faults are taken back.',
    };
  },
};

function isAlert({ name, spec, samples }: ProbeView): boolean {
  const text = spec?.kind === 'prometheus' ? `${name} ${spec.metric}` : name;
  return /alert/i.test(text) && samples.some(({ value }) => value !== undefined);
}

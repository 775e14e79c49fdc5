import { type Detector, NO_FAULT } from './contract.ts';
import { UNDECIDED } from './no-breaker.ts';
import { callsIntoOutages, TRICKLE } from './view/breaker.ts';
import { outagesOf } from './view/outages.ts';
import { serviceIn } from './view/served.ts';
import { agree, list, rate, seconds, share } from './words.ts';

const LEAST_SAMPLES = 10;

/** Callers leave a dead dependency alone, and users do not pay for it. */
export const breakerOpened: Detector = {
  id: 'breaker-opened',
  question: 'How soon is a dead dependency left alone?',
  condition:
    'Every dependency that did nothing but fail was asked at no more than a quarter of the usual rate late in the step, while at least one probe was served (less than 5% failed) and none failed by half.',
  evidence: 'calls a second before the first fault and late in the step; probes at the same time',
  severities: ['good'],
  remedy: 'Keep the breaker, and its state on a dashboard.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const judged = callsIntoOutages(view, outagesOf(view));
    if (judged.length === 0) return { notAssessed: UNDECIDED };
    const opened = judged.flatMap((one) => {
      if (one.share > TRICKLE || one.trickleAfterMs === undefined) return [];
      const { span } = one.outage;
      const services = serviceIn(view, { from: span.from + one.trickleAfterMs, to: span.to }).filter(
        ({ samples }) => samples.length >= LEAST_SAMPLES,
      );
      const served = services.filter((service) => service.share < 0.05);
      return served.length > 0 && services.every((service) => service.share < 0.5)
        ? [{ ...one, after: one.trickleAfterMs, served: served.map(({ probe }) => probe.name) }]
        : [];
    });
    if (opened.length < judged.length) return undefined;
    const slowest = Math.max(...opened.map(({ after }) => after));
    const when = slowest === 0 ? 'at once' : `${seconds(slowest)} after it had begun to fail`;
    return {
      severity: 'good',
      claim: `Callers left ${list([...new Set(opened.map(({ outage }) => outage.proxy.name))])} alone ${when}, as behind an open circuit breaker.`,
      evidence: opened.map(
        ({ outage, usual, late, share: left, served }) =>
          `${outage.proxy.name}, step "${outage.step.name}": calls fell from ${rate(usual)} to ${rate(late)} (${share(left)}), while ${list(served)} ${agree(served.length, 'was', 'were')} served`,
      ),
    };
  },
};

import { formatSize } from '../core/units.ts';
import type { Detector } from './contract.ts';
import { asksFaulted, trafficBefore, trafficDuring } from './view/spans.ts';
import type { Traffic } from './view/traffic.ts';
import type { ProxyView, RunView } from './view/view.ts';
import { count, figure, list, measureOf, rate, share, sinceFault } from './words.ts';

/** Damage where no fault was: other users of the system, other dependencies. */
export const cascade: Detector = {
  id: 'cascade',
  question: 'Did a fault reach what had no fault?',
  detect(view) {
    if (!view.faulted) return { notAssessed: 'no fault was injected' };
    const faulted = view.proxies.filter((proxy) => proxy.faulted).map((proxy) => proxy.name);
    const left = view.departures.filter((departure) => {
      const probe = view.probes.find((other) => other.name === departure.probe);
      return inSpan(view, departure.at) && !(probe && asksFaulted(view, probe));
    });
    const suffered = sufferedProxies(view);
    if (left.length + suffered.length === 0 || (left.length < 2 && suffered.length === 0)) return undefined;
    const last = left.at(-1);
    const reached = [
      ...(left.length > 0
        ? [`pushed ${left.length} of ${count(view.probes.length, 'probe')} out of their baseline`]
        : []),
      ...(suffered.length > 0 ? [`broke the traffic of ${list(suffered.map((proxy) => proxy.name))}`] : []),
    ].join(' and ');
    const down = left.some(({ missed }) => missed.some((miss) => miss.expectation.startsWith('errorRate')));
    return {
      severity: down && left.length > 1 ? 'critical' : 'high',
      claim: `Faults on ${list(faulted)} alone ${reached}${last ? `; ${last.probe} was the last to go, ${sinceFault(view, last.at)}` : ''}.`,
      evidence: [
        ...left.map(({ probe, at, expectation, value, baseline }) => {
          const measure = measureOf(expectation);
          return `${probe} left its baseline ${sinceFault(view, at)}: ${measure} ${figure(measure, value)}, baseline ${figure(measure, baseline)} (expected ${expectation})`;
        }),
        ...suffered.map((proxy) => sentenceOf(view, proxy)),
      ],
      remedy:
        'Give each dependency its own pool, queue and time budget, so that waiting for one cannot use up what the others need: no shared connection or lock may be held during a remote call.',
      nextExperiment: `The same fault on ${list(faulted)} at a lower toxicity, to find the share of failing calls at which ${last?.probe ?? suffered[0]!.name} begins to suffer.`,
    };
  },
};

/** Proxies without a fault whose traffic fell to less than half, or that answered with errors of their own. */
export function sufferedProxies(view: RunView): readonly ProxyView[] {
  return view.proxies.filter((proxy) => !proxy.faulted && change(view, proxy) !== undefined);
}

/** What became of a proxy's traffic in its worst stretch: `180/s fell to 22/s`; undefined when nothing did. */
export function change(view: RunView, proxy: ProxyView): string | undefined {
  const before = trafficBefore(view, proxy);
  if (!view.faulted || before.seconds < 5) return undefined;
  const stretches: Traffic[] = [];
  for (let from = view.faulted.from; from + STRETCH_MS <= view.faulted.to; from += 1000) {
    const stretch = trafficDuring(proxy, { from, to: from + STRETCH_MS });
    if (stretch.seconds >= (STRETCH_MS / 1000) * 0.6) stretches.push(stretch);
  }
  return fallen(before, stretches) ?? errorsRisen(before, stretches);
}

/** Judged by units, or by bytes where a proxy counts too few units, as one does that sees no more than connections. */
function fallen(before: Traffic, stretches: readonly Traffic[]): string | undefined {
  const counts = before.units >= 20;
  if (!counts && before.bytes / before.seconds < 1024) return undefined;
  const perSecond = (traffic: Traffic) => (counts ? traffic.units : traffic.bytes) / traffic.seconds;
  const usual = perSecond(before);
  const lowest = Math.min(...stretches.map(perSecond), usual);
  const text = (amount: number) => (counts ? rate(amount) : `${formatSize(amount)}/s`);
  return lowest < usual / 2 ? `${text(usual)} fell to ${text(lowest)}` : undefined;
}

function errorsRisen(before: Traffic, stretches: readonly Traffic[]): string | undefined {
  const answered = ({ organicErrors, organicOk }: Traffic) => organicErrors + organicOk;
  const usual = before.organicErrors / Math.max(1, answered(before));
  const highest = Math.max(
    usual,
    ...stretches.filter((one) => answered(one) >= 20).map((one) => one.organicErrors / answered(one)),
  );
  return highest > usual + 0.05
    ? `errors of its own rose from ${share(usual)} to ${share(highest)}`
    : undefined;
}

const STRETCH_MS = 5000;

function sentenceOf(view: RunView, proxy: ProxyView): string {
  return `${proxy.name} had no fault, and yet its traffic suffered: ${change(view, proxy)}`;
}

function inSpan(view: RunView, at: number): boolean {
  return view.faulted !== null && at >= view.faulted.from && at <= view.faulted.to;
}

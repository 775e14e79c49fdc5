import { formatSize } from '../core/units.ts';
import { type Detector, NO_FAULT } from './contract.ts';
import type { Departure } from './view/departures.ts';
import { isRequest, serviceIn } from './view/served.ts';
import { asksFaulted, trafficBefore, trafficDuring } from './view/spans.ts';
import { sufferingIn } from './view/suffering.ts';
import { type Traffic, ticksIn } from './view/traffic.ts';
import type { ProxyView, RunView } from './view/view.ts';
import { agree, count, figure, list, measureOf, rate, share, sinceFault } from './words.ts';

/** Between probes that one cause takes at once, and damage that spreads. */
const SPREADS_MS = 3000;

/** Damage where no fault was: other users of the system, other dependencies. */
export const cascade: Detector = {
  id: 'cascade',
  question: 'Did a fault reach what had no fault?',
  condition:
    'A dependency without a fault lost more than half of its traffic for 5 s or more (beyond what its traffic varies by) while requests of users failed (20%) or took five times as long, or its own errors rose by 5 points; or at least two probes of requests failed by 20% and left their baselines 3 s or more apart (critical). What falls into a crash of the process does not count.',
  evidence: 'traffic of the proxies without a fault; probes, in the order in which they left their baseline',
  severities: ['critical', 'high'],
  remedy:
    'Give each dependency its own pool, queue and time budget, so that waiting for one cannot use up what the others need: no shared connection or lock may be held during a remote call.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const faulted = view.proxies.filter((proxy) => proxy.faulted).map((proxy) => proxy.name);
    if (faulted.length === 0)
      return { notAssessed: 'no dependency behind a proxy had a fault: add a step with one' };
    const left = view.departures.filter((departure) => {
      const probe = view.probes.find((other) => other.name === departure.probe);
      return inSpan(view, departure.at) && !(probe && asksFaulted(view, probe));
    });
    const spread = spreads(view, left);
    const hurt = sufferingIn(view, view.faulted).length > 0 || spread;
    const suffered = view.proxies.filter((proxy) => {
      const became = proxy.faulted ? undefined : changeOf(view, proxy);
      return became !== undefined && (hurt || became.errors);
    });
    if (!spread && suffered.length === 0) return undefined;
    const last = left.at(-1);
    const reached = [
      ...(left.length > 0
        ? [`pushed ${left.length} of ${count(view.probes.length, 'probe')} out of their baseline`]
        : []),
      ...(suffered.length > 0 ? [`broke the traffic of ${list(suffered.map((proxy) => proxy.name))}`] : []),
    ].join(' and ');
    const reachedNames =
      suffered.length > 0 ? suffered.map(({ name }) => name) : left.map(({ probe }) => probe);
    return {
      severity: spread ? 'critical' : 'high',
      claim: `Faults on ${list(faulted)} alone ${reached}${last ? `; ${last.probe} was the last to go, ${sinceFault(view, last.at)}` : ''}.`,
      evidence: [
        ...left.map(({ probe, at, expectation, value, baseline }) => {
          const measure = measureOf(expectation);
          return `${probe} left its baseline ${sinceFault(view, at)}: ${measure} ${figure(measure, value)}, baseline ${figure(measure, baseline)} (expected ${expectation})`;
        }),
        ...suffered.map((proxy) => sentenceOf(view, proxy)),
      ],
      nextExperiment: `The same faults on ${list(faulted)}: ${list(reachedNames)} ${agree(reachedNames.length, 'goes', 'go')} on as before.`,
    };
  },
};

/** Requests that failed one after the other; what fails with the dependency itself fails at once. */
function spreads(view: RunView, left: readonly Departure[]): boolean {
  const failing = new Set(
    serviceIn(view, view.faulted!)
      .filter(({ probe }) => isRequest(probe))
      .filter(({ probe, failed }) => {
        const from = left.find((departure) => departure.probe === probe.name)?.at ?? 0;
        const since = probe.samples.filter(({ at }) => at >= from && at <= view.faulted!.to);
        return failed.filter(({ at }) => at >= from).length >= since.length * 0.2 && failed.length >= 3;
      })
      .map(({ probe }) => probe.name),
  );
  const gone = left.filter(({ probe }) => failing.has(probe));
  return gone.length >= 2 && gone.at(-1)!.at - gone[0]!.at >= SPREADS_MS;
}

/** Proxies without a fault whose traffic fell to less than half, or that answered with errors of their own. */
export function sufferedProxies(view: RunView): readonly ProxyView[] {
  return view.proxies.filter((proxy) => !proxy.faulted && change(view, proxy) !== undefined);
}

/** What became of a proxy's traffic in its worst stretch: `180/s fell to 22/s`; undefined when nothing did. */
export function change(view: RunView, proxy: ProxyView): string | undefined {
  return changeOf(view, proxy)?.text;
}

function changeOf(view: RunView, proxy: ProxyView): { text: string; errors: boolean } | undefined {
  const before = trafficBefore(view, proxy);
  if (!view.faulted || before.seconds < 5) return undefined;
  const stretches: Traffic[] = [];
  for (let from = view.faulted.from; from + STRETCH_MS <= view.faulted.to; from += 1000) {
    const stretch = trafficDuring(proxy, { from, to: from + STRETCH_MS });
    if (stretch.seconds >= (STRETCH_MS / 1000) * 0.6) stretches.push(stretch);
  }
  const text = fallen(view, proxy, before, stretches);
  if (text) return { text, errors: false };
  const risen = errorsRisen(before, stretches);
  return risen ? { text: risen, errors: true } : undefined;
}

/** Deviations from the usual that no variation explains, also of many stretches. */
const DEVIATIONS = 4;

/** Judged by units, or by bytes where a proxy counts too few units, as one does that sees no more than connections. */
function fallen(
  view: RunView,
  proxy: ProxyView,
  before: Traffic,
  stretches: readonly Traffic[],
): string | undefined {
  const counts = before.units >= 20;
  if (!counts && before.bytes / before.seconds < 1024) return undefined;
  const amount = (traffic: { units: number; bytes: number }) => (counts ? traffic.units : traffic.bytes);
  const perSecond = (traffic: Traffic) => amount(traffic) / traffic.seconds;
  const usual = perSecond(before);
  const varies = variation(view, proxy, amount);
  const text = (a: number) => (counts ? rate(a) : `${formatSize(a)}/s`);
  const fell = stretches
    .filter((one) => perSecond(one) < usual / 2)
    .filter((one) => (usual - perSecond(one)) * one.seconds > DEVIATIONS * Math.sqrt(varies * one.seconds))
    .map(perSecond);
  return fell.length > 0 ? `${text(usual)} fell to ${text(Math.min(...fell))}` : undefined;
}

/** Variance of the traffic before the first fault, per second of a span; no less than that of independent calls. */
function variation(
  view: RunView,
  { ticks }: ProxyView,
  amount: (traffic: { units: number; bytes: number }) => number,
): number {
  const before = ticksIn(ticks, Number.NEGATIVE_INFINITY, view.firstFaultAt!);
  const rates = before.map((tick) => (amount(tick) * 1000) / Math.max(1, tick.to - tick.from));
  const mean = rates.reduce((sum, one) => sum + one, 0) / Math.max(1, rates.length);
  const squares = rates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, rates.length - 1);
  return Math.max(mean, squares);
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

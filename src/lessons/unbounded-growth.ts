import { meets } from '../core/expectation.ts';
import { type Detector, NO_FAULT } from './contract.ts';
import { beforeFault, underFault } from './view/spans.ts';
import type { ProbeView, RunView } from './view/view.ts';
import type { TimedSample } from './view/window.ts';
import { agree, figure, list, rate, seconds } from './words.ts';

const LEAST_SAMPLES = 10;

/** Something that is counted grew for as long as the fault lasted: a queue without a bound, a leak. */
export const unboundedGrowth: Detector = {
  id: 'unbounded-growth',
  question: 'Does anything grow without bound while a dependency is gone?',
  condition:
    'A value of which less is better (no expectation asks for more, none pins it) climbed from the first fault to the last moment: more than twice its highest before, 10 at least, with 15% of the climb in the last third and hardly a fall, and past its own expectation where it has one; not where it had been climbing at half that pace before, nor where it is an age (a second more each second). At least 10 readings.',
  evidence: 'probes that give a value, such as the length of a queue or memory in use',
  severities: ['high'],
  remedy:
    'Bound the queue and refuse or shed work at the door when it is full (with the least important first); what cannot be done now should cost neither memory nor a connection.',
  detect(view) {
    if (!view.faulted) return NO_FAULT;
    const counting = view.probes.filter(
      (probe) => lessIsBetter(probe) && values(underFault(view, probe)).length >= LEAST_SAMPLES,
    );
    if (counting.length === 0)
      return {
        notAssessed:
          'no probe measures a value that should stay small, such as the length of a queue or memory in use: add one (prometheus, postgres or command)',
      };
    const grown = counting.map((probe) => growth(view, probe)).filter((one) => one !== undefined);
    if (grown.length === 0) return undefined;
    return {
      severity: 'high',
      claim: `${list(grown.map((one) => one.probe))} grew for as long as the faults lasted, with no bound in sight.`,
      evidence: grown.map(
        (one) =>
          `${one.probe}: from ${figure('value', one.from)} to ${figure('value', one.to)} in ${seconds(one.ms)} (${rate((one.to - one.from) / (one.ms / 1000))}), still rising when the faults were taken back`,
      ),
      nextExperiment: `The same faults for three times as long: ${list(grown.map((one) => one.probe))} ${agree(grown.length, 'levels', 'level')} out.`,
    };
  },
};

interface Growth {
  readonly probe: string;
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

function growth(view: RunView, probe: ProbeView): Growth | undefined {
  const points = values(underFault(view, probe));
  if (withinExpectation(probe, points)) return undefined;
  const quiet = values(beforeFault(view, probe)).map((point) => point.value!);
  const usual = quiet.length > 0 ? Math.max(...quiet) : points[0]!.value!;
  const after = (share: number) => points[Math.floor(share * (points.length - 1))]!.value!;
  const [start, early, late, last, end] = [after(0), after(1 / 3), after(2 / 3), after(0.9), after(1)];
  const climb = end - start;
  const falls = points.slice(1).filter((point, index) => point.value! < points[index]!.value! - climb * 0.05);
  // What levels out has found a bound, whatever it was before: only what climbs to the very end has none in sight.
  const climbing = late > early && end - late >= climb * 0.15 && end - last >= climb * 0.03;
  const steady = climbing && falls.length <= points.length * 0.1;
  const outgrown = end > Math.max(2 * usual, usual + 10);
  if (!steady || !outgrown || isAge(points) || climbedBefore(values(beforeFault(view, probe)), climb, points))
    return undefined;
  return { probe: probe.name, from: start, to: end, ms: points.at(-1)!.at - points[0]!.at };
}

/** What grows by a second in a second, or by a thousand, is how long something has lasted: it takes no room. */
function isAge(points: readonly TimedSample[]): boolean {
  const [from, to] = [points[Math.floor(points.length * (2 / 3))]!, points.at(-1)!];
  const perSecond = ((to.value! - from.value!) * 1000) / (to.at - from.at);
  return [1, 1000].some((unit) => Math.abs(perSecond / unit - 1) < 0.05);
}

/** A counter goes on as it did; it is no queue. */
function climbedBefore(
  before: readonly TimedSample[],
  climb: number,
  points: readonly TimedSample[],
): boolean {
  const [first, last] = [before[0], before.at(-1)];
  if (!first || !last || last.at - first.at < 3000) return false;
  const earlier = (last.value! - first.value!) / (last.at - first.at);
  return earlier >= (climb / (points.at(-1)!.at - points[0]!.at)) * 0.5;
}

/** Where it is said how much is too much, less than that is no lesson. */
function withinExpectation({ spec }: ProbeView, points: readonly TimedSample[]): boolean {
  const bounds = spec?.expect.filter(({ measure, relative }) => measure === 'value' && !relative) ?? [];
  return bounds.length > 0 && points.every(({ value }) => bounds.every((bound) => meets(bound, value!)));
}

function lessIsBetter({ spec }: ProbeView): boolean {
  return !spec?.expect.some(
    ({ measure, operator }) => measure === 'value' && (operator.startsWith('>') || operator === '=='),
  );
}

function values(samples: readonly TimedSample[]): readonly TimedSample[] {
  return samples.filter((sample) => sample.value !== undefined);
}

import { list } from '../lessons/words.ts';
import type { CheckId } from './catalogue.ts';
import type { Answer, Source, Told } from './contract.ts';

export const LOAD_PROFILES = [
  'baseline',
  'normal-day',
  'peak-hours',
  'deadline',
  'stress',
  'spike',
  'soak',
] as const;
export type LoadProfile = (typeof LOAD_PROFILES)[number];

const ANSWERED: Readonly<Record<LoadProfile, CheckId>> = {
  baseline: 'performance-under-load',
  'normal-day': 'performance-under-load',
  'peak-hours': 'performance-under-load',
  deadline: 'performance-under-load',
  stress: 'scalability-limits',
  spike: 'scalability-limits',
  soak: 'memory-leaks',
};

/** A load profile of a suite. */
export interface LoadOrder {
  readonly profile: LoadProfile;
  readonly target: string;
  readonly answers?: readonly CheckId[] | undefined;
}

/** What playing a profile came to. */
export interface LoadOutcome {
  /** Each threshold with what was measured: `p95 < 5s`, `7.2 s`; `met` is null where it could not be judged. */
  readonly thresholds: readonly {
    readonly text: string;
    readonly found: string;
    readonly met: boolean | null;
  }[];
  /** What held it back, in a sentence, and what to do about it. */
  readonly bottleneck?: { readonly sentence: string; readonly suggestion: string };
  /** Path of its own report. */
  readonly report?: string;
}

/** Plays a profile with its thresholds. Rejects with a sentence where it cannot be played. */
export type PlayLoad = (order: LoadOrder, signal: AbortSignal) => Promise<LoadOutcome>;

/** What a profile's thresholds tell of the checks that it answers. */
export function answersOfLoad(
  { profile, answers = [ANSWERED[profile]] }: LoadOrder,
  told: Told,
  source: Source,
  retest: string,
): readonly Answer[] {
  return answers.map((check) => ({ check, source, retest, settles: true, ...told }));
}

/** A profile whose thresholds were all met shows that it is carried; one that was missed is one flaw, with all of its figures. */
export function toldByLoad({ profile }: LoadOrder, { thresholds, bottleneck }: LoadOutcome): Told {
  const text = ({ text: wanted, found }: LoadOutcome['thresholds'][number]) => `${wanted}: ${found}`;
  const missed = thresholds.filter(({ met }) => met === false);
  const unknown = thresholds.filter(({ met }) => met === null);
  const met = thresholds.filter((threshold) => threshold.met === true);
  const names = missed.map(({ text: wanted }) => wanted);
  return {
    shown: met.length > 0 ? [`met ${list(met.map(text), met.length)}`] : [],
    flaws:
      missed.length === 0
        ? []
        : [
            {
              slug: 'missed',
              severity: 'high',
              claim: `Under the load of profile "${profile}" it misses ${list(names)}.`,
              evidence: [...missed.map(text), ...(bottleneck ? [bottleneck.sentence] : [])],
              remedy:
                bottleneck?.suggestion ??
                'Find what waits longest under this load, and widen it or bound what is sent there.',
            },
          ],
    untold: [
      ...unknown.map((threshold) => `${text(threshold)} could not be judged`),
      ...(thresholds.length === 0 ? [`profile "${profile}" has no thresholds`] : []),
    ],
  };
}

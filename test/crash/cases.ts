import type { JournalType } from '../../src/core/journal.ts';
import { CRASHES, type Crash, type CrashKind } from '../../src/experiments/proof/crash.ts';

/** Each event of a run in its turn; of those that come often, one early and one late. */
export const EVENTS: readonly Omit<Crash, 'kind'>[] = [
  at('run-started'),
  at('gate-passed', 1),
  at('gate-passed', 6),
  at('data-plane'),
  at('baseline-started'),
  at('sample', 10),
  at('observation'),
  at('baseline'),
  at('step-intended', 1),
  at('step-applied', 1),
  at('renewed', 2),
  at('step-ended', 1),
  at('step-intended', 2),
  at('step-applied', 2),
  at('step-ended', 2),
  at('rollback-started'),
  at('rollback-emptied'),
  at('rollback-proof'),
  at('recovery'),
  at('run-ended'),
];

function at(type: JournalType, nth = 1): Omit<Crash, 'kind'> {
  return { at: type, nth };
}

export const KINDS = (Object.keys(CRASHES) as CrashKind[]).filter((kind) => kind !== 'none');

/** Every kind of crash at every event. */
export const ALL: readonly Crash[] = KINDS.flatMap((kind) => EVENTS.map((event) => ({ kind, ...event })));

/** What each run of the tests plays: the kinds that the test of `prove-rollback` does not play, and two late crashes. */
export const SAMPLE: readonly Crash[] = [
  { kind: 'controller killed', ...at('rollback-started') },
  { kind: 'data plane killed', ...at('step-applied', 2) },
  { kind: 'disk full', ...at('step-ended', 1) },
  { kind: 'clock set forward', ...at('step-applied', 1) },
  { kind: 'clock set back', ...at('renewed', 2) },
  { kind: 'second run', ...at('baseline') },
  { kind: 'upstream killed', ...at('step-applied', 1) },
  { kind: 'Redis killed', ...at('step-applied', 1) },
  { kind: 'Postgres killed', ...at('step-applied', 1) },
];

import { list, seconds, share } from '../../lessons/words.ts';
import { duration, number, percent, UNKNOWN } from '../format.ts';
import type { Outcome, Summary } from '../summary.ts';

export type Pair<T> = readonly [T, T];

/** Two runs held against each other, and `compare.json` as it is. */
export interface Comparison {
  readonly version: 1;
  readonly experiment: string;
  readonly sides: Pair<Side>;
  readonly headline: string;
  /** What is not the same about the two, beside what they found. */
  readonly differences: readonly string[];
  readonly measures: readonly Measured[];
  /** Shares of good samples. */
  readonly probes: readonly {
    readonly probe: string;
    readonly before: Pair<number | null>;
    readonly during: Pair<number | null>;
    readonly after: Pair<number | null>;
  }[];
  readonly breaking: Pair<readonly string[]>;
  /** By detector, the gravest first. */
  readonly lessons: readonly { readonly id: string; readonly told: Pair<LessonCell | null> }[];
}

export interface Side {
  readonly name: string;
  readonly run: string;
  readonly startedAt: string | null;
  readonly outcome: Outcome;
  readonly headline: string;
}

export interface Measured {
  readonly name: string;
  readonly told: Pair<string>;
  readonly values: Pair<number | null>;
  /** Which of the two is better; null where they are alike, or nobody can tell. */
  readonly better: 0 | 1 | null;
}

export interface LessonCell {
  readonly severity: string;
  readonly claim: string;
}

/** Pure: the same two summaries give the same comparison. */
export function compareRuns(runs: Pair<Summary>, names: Pair<string>): Comparison {
  const measures = measuresOf(runs);
  return {
    version: 1,
    experiment: runs[0].run.name,
    sides: pair(runs, ({ run, verdict }, index) => ({
      name: names[index],
      run: run.id,
      startedAt: run.startedAt,
      outcome: verdict.outcome,
      headline: verdict.headline,
    })),
    headline: headlineOf(measures, names),
    differences: differencesOf(runs, names),
    measures,
    probes: probesOf(runs),
    breaking: pair(runs, ({ breaking }) => breaking.map(({ sentence }) => sentence)),
    lessons: lessonsOf(runs),
  };
}

/** Why the two are no runs of one experiment; undefined where they are. */
export function whyNotComparable([a, b]: Pair<Summary>): string | undefined {
  return a.run.name === b.run.name
    ? undefined
    : `the first is a run of "${a.run.name}", the second of "${b.run.name}"`;
}

const RANK: Readonly<Partial<Record<Outcome, number>>> = { held: 0, deviated: 1, aborted: 2 };

function measuresOf(runs: Pair<Summary>): readonly Measured[] {
  const one = (
    name: string,
    value: (run: Summary) => number | null,
    told: (value: number | null, run: Summary) => string,
    wanted: 'more' | 'less',
  ): Measured => {
    const values = pair(runs, value);
    return {
      name,
      values,
      told: pair(runs, (run, index) => told(values[index], run)),
      better: betterOf(values, wanted),
    };
  };
  const grave = ({ lessons }: Summary) => lessons.filter(({ severity }) => severity !== 'good').length;
  const plain = (value: number | null) => (value === null ? UNKNOWN : number(value));
  return [
    one(
      'Verdict',
      ({ verdict }) => RANK[verdict.outcome] ?? null,
      (_, { verdict }) => verdict.outcome,
      'less',
    ),
    one('Availability under faults', ({ availability }) => availability.overall, percent, 'more'),
    one('Requests lost', lostShare, (_, { impact }) => lostText(impact?.requestsLost), 'less'),
    // Who never recovered took longer than anybody.
    one(
      'Time to recover',
      ({ times }) => (times.recovered === false ? Number.POSITIVE_INFINITY : times.recoverMs),
      (_, { times }) => (times.recovered === false ? 'not in time' : duration(times.recoverMs)),
      'less',
    ),
    one('Probes that left their baseline', ({ cascade }) => cascade.left.length, plain, 'less'),
    one(
      'Dependencies without a fault that suffered',
      ({ cascade }) => cascade.suffered.length,
      plain,
      'less',
    ),
    one('Weaknesses found', grave, plain, 'less'),
  ];
}

function lostShare({ impact }: Summary): number | null {
  const lost = impact?.requestsLost;
  return lost && lost.of > 0 ? lost.lost / lost.of : null;
}

function lostText(lost: { lost: number; of: number } | null | undefined): string {
  return lost
    ? `${number(lost.lost)} of ${number(lost.of)} (${share(lost.of > 0 ? lost.lost / lost.of : 0)})`
    : UNKNOWN;
}

function betterOf([a, b]: Pair<number | null>, wanted: 'more' | 'less'): 0 | 1 | null {
  if (a === null || b === null || a === b) return null;
  return a < b === (wanted === 'less') ? 0 : 1;
}

/** Figures that a headline names: the ones that matter most stand first. */
const NAMED = 3;

function headlineOf(measures: readonly Measured[], names: Pair<string>): string {
  const sides = ([0, 1] as const).flatMap((side) => {
    const won = measures.filter(({ better }) => better === side);
    if (won.length === 0) return [];
    const figures = won
      .slice(0, NAMED)
      .map(({ name, told }) => `${name.toLowerCase()} (${told[side]} against ${told[1 - side]})`);
    const rest = won.length > NAMED ? [`${won.length - NAMED} more`] : [];
    return [`${names[side]} was better in ${list([...figures, ...rest])}`];
  });
  if (sides.length === 0) return `No difference was seen between ${names[0]} and ${names[1]}.`;
  return `${sides.join('; ')}.`.replace(/^./, (first) => first.toUpperCase());
}

function differencesOf([a, b]: Pair<Summary>, names: Pair<string>): readonly string[] {
  const differ = (what: string, left: string, right: string) =>
    left === right ? [] : [`${what}: ${left} in ${names[0]}, ${right} in ${names[1]}`];
  const shown = (value: number | string | null) => String(value ?? 'unknown');
  return [
    ...differ('experiment', a.run.name, b.run.name),
    ...differ('seed', shown(a.environment.seed), shown(b.environment.seed)),
    ...differ('file (SHA-256)', a.experiment.hash.slice(0, 12), b.experiment.hash.slice(0, 12)),
    ...differ('version of Faultline', shown(a.environment.version), shown(b.environment.version)),
    ...differ('time scale', shown(a.environment.timeScale), shown(b.environment.timeScale)),
    ...differ('safety limits', shown(a.safety?.file ?? 'built in'), shown(b.safety?.file ?? 'built in')),
    ...differ(
      'requests counted by',
      a.impact?.requestsLost?.from ?? 'nobody',
      b.impact?.requestsLost?.from ?? 'nobody',
    ),
    ...differ('faults in force for', faultedFor(a), faultedFor(b)),
  ];
}

/** In whole seconds: what is shorter is no difference. */
function faultedFor({ steps, rollback }: Summary): string {
  const from = steps[0]?.fromS;
  const to = rollback?.emptiedS;
  return from === null || from === undefined || to === null || to === undefined
    ? 'unknown'
    : seconds(Math.round(to - from) * 1000);
}

function probesOf([a, b]: Pair<Summary>): Comparison['probes'] {
  const other = new Map(b.availability.probes.map((probe) => [probe.probe, probe]));
  return a.availability.probes.flatMap((left) => {
    const right = other.get(left.probe);
    if (!right) return [];
    return [
      {
        probe: left.probe,
        before: [left.before, right.before],
        during: [left.during, right.during],
        after: [left.after, right.after],
      },
    ];
  });
}

function lessonsOf(runs: Pair<Summary>): Comparison['lessons'] {
  const found = pair(runs, ({ lessons }) => new Map(lessons.map((lesson) => [lesson.id, lesson])));
  const ids = [...new Set(runs.flatMap(({ lessons }) => lessons.map(({ id }) => id)))];
  return ids.map((id) => ({
    id,
    told: pair(found, (lessons) => {
      const lesson = lessons.get(id);
      return lesson ? { severity: lesson.severity, claim: lesson.claim } : null;
    }),
  }));
}

function pair<T, R>([a, b]: Pair<T>, make: (one: T, index: 0 | 1) => R): Pair<R> {
  return [make(a, 0), make(b, 1)];
}

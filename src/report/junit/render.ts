import library, { type Builder, type TestCase } from 'junit-report-builder';
import { figure } from '../../lessons/words.ts';
import { sentenceOf } from '../format.ts';
import type { ExpectationRow, StepFacts, Summary } from '../summary.ts';

// Its types promise a default export; what it exports is the builder itself.
const junit = library as unknown as Builder;

/**
 * The run as JUnit XML, for what reads test results: a suite of its steps, one of the expectations of its probes, and one of the run
 * itself (verdict, rollback, recovery). What did not come to be judged is skipped.
 */
export function renderJunit(summary: Summary): string {
  const report = junit.newBuilder().name(text(summary.run.name));
  const suite = (name: string, cases: readonly Case[]) => {
    if (cases.length === 0) return;
    const made = report.testSuite().name(text(`${summary.run.name}: ${name}`));
    if (summary.run.startedAt !== null) made.timestamp(new Date(summary.run.startedAt));
    for (const one of cases) {
      const tested = made
        .testCase()
        .className(text(`${summary.run.name}.${name}`))
        .name(text(one.name))
        .time(one.seconds);
      one.outcome(tested);
    }
  };
  suite('run', runCases(summary));
  suite(
    'steps',
    summary.steps.map((step) => stepCase(summary, step)),
  );
  suite('expectations', summary.hypothesis.expectations.map(expectationCase));
  return report.build();
}

interface Case {
  readonly name: string;
  readonly seconds: number;
  outcome(tested: TestCase): void;
}

const passed = () => {};
const failed = (why: string) => (tested: TestCase) => void tested.failure(text(why));
const skipped = (why: string) => (tested: TestCase) => void tested.skipped().standardOutput(text(why));

function runCases(summary: Summary): readonly Case[] {
  const { verdict, rollback, times, run } = summary;
  const { outcome } = verdict;
  const unclear = outcome === 'inconclusive' || outcome === 'unfinished' || outcome === 'refused';
  return [
    {
      name: 'verdict',
      seconds: run.durationMs / 1000,
      outcome:
        outcome === 'held'
          ? passed
          : unclear
            ? (tested) => void tested.error(text(`${outcome}: ${sentenceOf(summary)}`))
            : failed(`${outcome}: ${sentenceOf(summary)}`),
    },
    ...(rollback
      ? [
          {
            name: 'rollback proven',
            seconds: (times.proveMs ?? 0) / 1000,
            outcome: rollback.proven ? passed : failed(rollback.whyNotProven ?? 'not proven'),
          },
        ]
      : []),
    ...(times.recovered === null
      ? []
      : [
          {
            name: 'recovered in time',
            seconds: (times.recoverMs ?? 0) / 1000,
            outcome: times.recovered ? passed : failed('the system did not recover in time'),
          },
        ]),
  ];
}

function stepCase({ injection }: Summary, step: StepFacts): Case {
  const short = injection.filter((row) => row.step === step.number && row.met === false);
  return {
    name: `${step.number}. ${step.name}`,
    seconds: Math.max(0, (step.toS ?? 0) - (step.fromS ?? 0)),
    outcome:
      step.outcome === 'not reached'
        ? skipped('the run ended before this step')
        : step.outcome === 'left out'
          ? skipped('it was left out by hand')
          : step.outcome === 'cut short'
            ? failed('the step was cut short')
            : short.length > 0
              ? failed(
                  short
                    .map((row) => `${row.place}: ${row.injected} injections of ${row.matched} matched`)
                    .join('; '),
                )
              : passed,
  };
}

function expectationCase(row: ExpectationRow): Case {
  return {
    name: `${row.probe}: ${row.expectation}`,
    seconds: 0,
    outcome:
      row.outcome === 'missed'
        ? failed(`worst ${figure(row.measure, row.worst)}, baseline ${figure(row.measure, row.baseline)}`)
        : row.outcome === 'held'
          ? passed
          : skipped(
              row.outcome === 'not judged'
                ? 'too few samples to be judged'
                : "counted in the probe's errorRate",
            ),
  };
}

/** XML 1.0 has no place for control characters and lone surrogates, not even escaped: a reader would refuse the whole file. */
function text(value: string): string {
  return value.replace(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu, ' ');
}

import { rateAtMost } from '../../src/core/binomial.ts';
import type { Figure, Workload } from '../contract.ts';
import { EVERY_MS, FALSE_ABORT, type Outcome, simulate } from '../simulation/run.ts';
import { HEALTHY, type Kind } from '../simulation/traffic.ts';

const RUNS = 10_000;
const PROBES = 2;
const BASELINE = 240;
const LENGTH = 600;
const UPPER = 'at most (95%)';

export const falseAborts: Workload = {
  name: 'false-aborts',
  title: 'False aborts of healthy runs',
  how: `${RUNS} simulated runs of each kind, ${PROBES} probes every ${EVERY_MS} ms, a baseline of ${minutes(BASELINE)} min and ${minutes(LENGTH)} min of run, fixed seeds; the bound over a run is ${FALSE_ABORT * 100}%. "At most" is the upper end of the Clopper-Pearson interval`,
  aims: HEALTHY.map(({ name }) => ({ figure: UPPER, way: name, atMost: FALSE_ABORT * 100 })),
  async run({ quick, say }) {
    const runs = quick ? RUNS / 20 : RUNS;
    const figures = new Map<string, Map<string, number>>();
    for (const kind of HEALTHY) {
      for (const [name, value] of Object.entries(measure(kind, runs))) {
        if (!figures.has(name)) figures.set(name, new Map());
        figures.get(name)!.set(kind.name, value);
      }
      say(`  ${kind.name}`);
    }
    return [...figures].map(
      ([name, values]): Figure => ({ name, unit: name === 'false aborts' ? '' : '%', values }),
    );
  },
};

function measure(kind: Kind, runs: number): Record<string, number> {
  const outcomes = healthyRuns(kind, runs);
  const share = (rule: (outcome: Outcome) => unknown) => (100 * outcomes.filter(rule).length) / runs;
  const aborted = outcomes.filter(({ sequential }) => sequential).length;
  return {
    'false aborts': aborted,
    'of the runs': (100 * aborted) / runs,
    [UPPER]: 100 * rateAtMost(aborted, runs, 0.025),
    'tests with baseline enough': (100 * outcomes.reduce((sum, { judged }) => sum + judged, 0)) / runs,
    '3 failures in a row': share(({ failures }) => failures),
    '3 slower than p95 in a row': share(({ slow }) => slow),
  };
}

/** Runs in which nothing is wrong; the same numbers give the same runs. */
export function healthyRuns(kind: Kind, runs: number): readonly Outcome[] {
  return Array.from({ length: runs }, (_, run) =>
    simulate({
      traffics: Array.from({ length: PROBES }, (_, probe) =>
        kind.traffic(1 + run * PROBES + probe, BASELINE + LENGTH),
      ),
      baseline: BASELINE,
      length: LENGTH,
    }),
  );
}

function minutes(samples: number): number {
  return (samples * EVERY_MS) / 60_000;
}

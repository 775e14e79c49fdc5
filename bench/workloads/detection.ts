import type { Figure, Workload } from '../contract.ts';
import { quantile } from '../rounds.ts';
import { EVERY_MS, simulate } from '../simulation/run.ts';
import { type Worsening, worsening } from '../simulation/traffic.ts';

const RUNS = 400;
/** Healthy samples of the run before the change, and samples in which it may be found. */
const BEFORE = 120;
const AFTER = 1200;
const BASELINES = [240, 1200];

const CHANGES: readonly (readonly [name: string, worsening: Worsening])[] = [
  ['failures 1% → 2% (tolerated)', { failing: 0.01, failures: 2 }],
  ['failures 1% → 5%', { failing: 0.01, failures: 5 }],
  ['failures 1% → 20%', { failing: 0.01, failures: 20 }],
  ['failures 5% → 10%', { failing: 0.05, failures: 2 }],
  ['failures 5% → 25%', { failing: 0.05, failures: 5 }],
  ['failures 5% → 100%', { failing: 0.05, failures: 20 }],
  ['p95 1.5x', { failing: 0.01, latency: 1.5 }],
  ['p95 3x', { failing: 0.01, latency: 3 }],
];

export const detection: Workload = {
  name: 'detection',
  title: 'Delay until a degradation is found',
  how: `${RUNS} simulated runs of each change, one probe every ${EVERY_MS} ms, a minute of health first, fixed seeds; what is found within ${(AFTER * EVERY_MS) / 60_000} min, and after how long in the median of those`,
  aims: [],
  async run({ quick, say }) {
    const runs = quick ? RUNS / 10 : RUNS;
    const figures = new Map<string, Figure>();
    const add = (name: string, unit: string, way: string, value: number) => {
      const values = new Map([...(figures.get(name)?.values ?? []), [way, value] as const]);
      figures.set(name, { name, unit, values });
    };
    for (const [change, worse] of CHANGES) {
      for (const baseline of BASELINES) {
        const way = `${change}, baseline of ${(baseline * EVERY_MS) / 60_000} min`;
        const outcomes = Array.from({ length: runs }, (_, run) =>
          simulate({
            traffics: [worsening(1 + run, baseline + BEFORE, worse)],
            baseline,
            length: BEFORE + AFTER,
          }),
        );
        const after = (at: number | undefined) => (at === undefined || at <= BEFORE ? [] : [at - BEFORE]);
        const found = outcomes.flatMap(({ sequential }) => after(sequential));
        const plain = outcomes.flatMap(({ failures, slow }) => after(worse.latency ? slow : failures));
        add('found', '%', way, (100 * found.length) / runs);
        add('after', 'samples', way, quantile(found, 0.5));
        add('which is', 's', way, (quantile(found, 0.5) * EVERY_MS) / 1000);
        add('3 in a row: found', '%', way, (100 * plain.length) / runs);
        add('3 in a row: after', 'samples', way, quantile(plain, 0.5));
      }
      say(`  ${change}`);
    }
    return [...figures.values()];
  },
};

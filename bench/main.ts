import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Figure, Workload } from './contract.ts';
import { embed } from './embed.ts';
import { describeMachine } from './machine.ts';
import { type Measured, renderResults, renderWorkload } from './results.ts';
import { faultlineWays } from './ways/faultline.ts';
import { WORKLOADS } from './workloads/index.ts';

/**
 * Measures what the data plane costs, beside others, in one run on one machine:
 *   --quick       one short round each
 *   --only NAME   this workload alone (may be repeated); prints, writes no file
 *   --out FILE    where the results go (default: bench/RESULTS.md)
 *   --embed FILE  a page that has places for the tables of what is measured
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    out: { type: 'string' },
    embed: { type: 'string' },
  },
});

const chosen = values.only ? values.only.map(named) : WORKLOADS;
const closing: (() => Promise<void> | void)[] = [];
const defer = (close: () => Promise<void> | void) => void closing.unshift(close);
const bench: Bench = {
  quick: values.quick,
  rounds: values.quick ? 2 : 3,
  seconds: values.quick ? 0.5 : 1,
  faultline: faultlineWays(defer),
  defer,
  say: (line) => void process.stderr.write(`${line}\n`),
};

const began = performance.now();
const machine = await describeMachine();
const measured: Measured[] = [];
try {
  for (const workload of chosen) {
    bench.say(`${workload.name}: ${workload.title}`);
    const figures: readonly Figure[] | undefined = await workload.run(bench);
    if (!figures) continue;
    measured.push({ workload, figures });
    bench.say(renderWorkload({ workload, figures }));
  }
} finally {
  for (const close of closing) await close();
}

if (values.embed) embed(values.embed, measured);
const seconds = Math.round((performance.now() - began) / 1000);
const out = values.out ?? (values.only || values.quick ? undefined : 'bench/RESULTS.md');
if (out) {
  const after = `load average at its end: ${loadavg()[0]!.toFixed(2)} (the benchmarks alone make about 3)`;
  writeFileSync(out, renderResults(measured, [...machine, after], seconds));
  bench.say(`results: ${out} (${seconds} s)`);
} else bench.say(`${seconds} s; no file written`);

function named(name: string): Workload {
  const found = WORKLOADS.find((workload) => workload.name === name);
  if (found) return found;
  throw new Error(
    `there is no workload "${name}": choose of ${WORKLOADS.map((workload) => workload.name).join(', ')}`,
  );
}

import { formatDuration } from '../core/units.ts';
import { EXIT } from '../core/verdict.ts';
import { loadPlan } from '../experiments/load.ts';
import { CRASHES } from '../experiments/proof/crash.ts';
import { type ProvenCase, proveRollback } from '../experiments/proof/prove.ts';
import { writeReports } from '../report/index.ts';
import { onInterrupt } from './interrupt.ts';
import { paintFor } from './progress/paint.ts';

interface ProveOptions {
  readonly file: string;
  readonly limits?: string;
  readonly json?: boolean;
}

/** `faultline prove-rollback`: 0 when nothing was left in any case, 4 when something was or there was no fault to play. */
export async function prove({ file, limits: limitsFile, json }: ProveOptions): Promise<number> {
  const { plan, limits } = loadPlan({ file, limits: limitsFile });
  const { leaseMs } = limits.monitor;
  const interrupt = onInterrupt();
  const say = (text: string) => void (json || process.stdout.write(`${text}\n`));
  const paint = paintFor(process.stdout);
  const told = (each: ProvenCase) => {
    const good = each.reached && each.problems.length === 0;
    say(
      `  ${good ? paint('good', '✓') : paint('bad', '✗')} ${(each.step ?? 'all steps').padEnd(width)}  ${CRASHES[each.crash.kind].sentence}: ${good ? outcomeOf(each) : paint('bad', problemOf(each))}`,
    );
  };
  const width = Math.max('all steps'.length, ...plan.steps.map(({ name }) => name.length));
  say(
    `${paint('strong', `Rollback of ${plan.name}`)}: its faults on its own kinds of proxies, in front of stand-ins; your system is not touched. A lease of ${formatDuration(leaseMs)}.\n`,
  );
  try {
    const proof = await proveRollback({
      plan,
      leaseMs,
      signal: interrupt.signal,
      writeReports: (folder) => Object.values(writeReports(folder)),
      onOutcome: told,
    });
    if (json) process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    const clean = proof.cases.filter(({ problems }) => problems.length === 0);
    const longest = Math.max(0, ...proof.cases.map(({ cleanMs = 0 }) => cleanMs));
    for (const fault of proof.leftOut) say(`  – not played, since it would touch your system: ${fault}`);
    say(
      `\n${clean.length} of ${proof.cases.length} cases clean; the longest until traffic flowed free of faults: ${formatDuration(Math.round(longest))}.`,
    );
    return proof.proven ? 0 : EXIT.rollbackNotProven;
  } finally {
    interrupt.end();
  }
}

function outcomeOf({ cleanMs, endedBy, exit }: ProvenCase): string {
  const time = cleanMs === undefined ? '' : `clean after ${formatDuration(Math.round(cleanMs))}, `;
  return `${time}${endedBy === 'recover' ? 'run ended by recover' : `run ended by itself with exit code ${exit}`}`;
}

function problemOf({ reached, problems }: ProvenCase): string {
  return reached ? problems.join('; ') : ['the run never came so far', ...problems].join('; ');
}

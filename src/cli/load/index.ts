import { relative } from 'node:path';
import { findResult } from '../../load/result/keep.ts';
import { onInterrupt } from '../interrupt.ts';
import { perform } from './perform.ts';
import { type LoadFlags, readLoad } from './read.ts';
import { resultLines } from './show.ts';

interface LoadOptions extends LoadFlags {
  readonly compare?: string;
  readonly approvedBy?: readonly string[];
  readonly json?: boolean;
}

/** `faultline load`: 0 when every threshold is met, 1 when one is missed, 5 when that cannot be told. */
export async function load(options: LoadOptions): Promise<number> {
  const cwd = process.cwd();
  const { compare, approvedBy: approvals = [], json } = options;
  const asked = readLoad(options, cwd);
  const earlier = compare === undefined ? undefined : findResult(cwd, compare, asked.spec.traffic.profile);
  const say = (text: string) => {
    if (!json) process.stdout.write(text);
  };
  const interrupt = onInterrupt();
  try {
    const { signal } = interrupt;
    const { result, report } = await perform({ asked, cwd, approvals, earlier, signal, say });
    say(resultLines(result));
    const shown = relative(cwd, report) || report;
    if (json) process.stdout.write(`${JSON.stringify({ ...result, report: shown })}\n`);
    else say(`\nverdict: ${result.verdict}\nreport: ${shown}\n`);
    return result.exit;
  } finally {
    interrupt.end();
  }
}

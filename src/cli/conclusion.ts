import { relative } from 'node:path';
import type { RunResult } from '../experiments/run.ts';
import { reportRun } from './runs.ts';

export interface Conclusion {
  readonly verdict: string;
  /** Path of the HTML report, from the current folder. */
  readonly report: string;
}

/** Writes the reports of a run that ended, and of those it found abandoned, and prints its last two lines, `verdict: WORD` and `report: PATH`. */
export function conclude(result: RunResult, options: { json?: boolean }): Conclusion {
  for (const { folder } of result.recovered) reportRun(folder);
  const { html } = reportRun(result.folder);
  const conclusion = { verdict: result.verdict, report: relative(process.cwd(), html) || html };
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ...conclusion, exit: result.exit, sentence: result.sentence })}\n`,
    );
  } else {
    process.stdout.write(`\nverdict: ${conclusion.verdict}\nreport: ${conclusion.report}\n`);
  }
  return conclusion;
}

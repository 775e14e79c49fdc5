import type { RunResult } from '../experiments/run.ts';
import { tryReport } from './runs.ts';

export interface Conclusion {
  readonly verdict: string;
  /** Path of the HTML report, from the current folder; or why there is none. */
  readonly report: string;
}

/** Writes the reports of a run that ended, and of those it found abandoned, and prints its last two lines, `verdict: WORD` and `report: PATH`. */
export function conclude(result: RunResult, options: { json?: boolean }): Conclusion {
  for (const { folder } of result.recovered) tryReport(folder);
  const conclusion = { verdict: result.verdict, report: tryReport(result.folder) };
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ...conclusion, exit: result.exit, sentence: result.sentence })}\n`,
    );
  } else {
    process.stdout.write(`\nverdict: ${conclusion.verdict}\nreport: ${conclusion.report}\n`);
  }
  return conclusion;
}

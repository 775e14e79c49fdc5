import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../core/errors.ts';
import { readJournal } from '../../experiments/journal/index.ts';
import { summarise } from '../summarise.ts';
import { writeWhole } from '../write.ts';
import { type Comparison, compareRuns, type Pair, whyNotComparable } from './comparison.ts';
import { renderComparisonHtml } from './html.ts';
import { renderComparisonMarkdown } from './markdown.ts';

export interface CompareOptions {
  /** Folders of the two runs. */
  readonly runs: Pair<string>;
  /** What to call them. */
  readonly names: Pair<string>;
  /** Folder that the files go to; made where it is missing. */
  readonly out: string;
  /** Runs of different experiments too. */
  readonly force?: boolean;
}

/**
 * Writes `compare.html`, `compare.md` and `compare.json` of two runs, from their journals alone.
 * @throws FaultlineError RUNS_DIFFER where they are runs of different experiments and it is not forced
 */
export function writeComparison({ runs, names, out, force = false }: CompareOptions): {
  readonly comparison: Comparison;
  readonly html: string;
} {
  const summaries = [summarise(readJournal(runs[0])), summarise(readJournal(runs[1]))] as const;
  const reason = whyNotComparable(summaries);
  if (reason !== undefined && !force) throw new FaultlineError('RUNS_DIFFER', { reason });
  const comparison = compareRuns(summaries, names);
  mkdirSync(out, { recursive: true, mode: 0o700 });
  const html = writeWhole(join(out, 'compare.html'), renderComparisonHtml(comparison, summaries));
  writeWhole(join(out, 'compare.md'), renderComparisonMarkdown(comparison));
  writeWhole(join(out, 'compare.json'), `${JSON.stringify(comparison, null, 2)}\n`);
  return { comparison, html };
}

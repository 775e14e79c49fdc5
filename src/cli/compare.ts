import { join, relative, resolve } from 'node:path';
import { FaultlineError } from '../core/errors.ts';
import { runOf } from '../experiments/journal/index.ts';
import { writeComparison } from '../report/index.ts';
import { findRun } from './runs.ts';

interface CompareOptions {
  readonly force?: boolean;
  readonly names?: readonly string[];
  readonly out?: string;
}

/** `faultline compare RUN RUN`: both in one report. */
export async function compare(first: string, second: string, options: CompareOptions): Promise<number> {
  const runs = [findRun(first), findRun(second)] as const;
  const [a, b, ...more] = options.names ?? ['first run', 'second run'];
  if (a === undefined || b === undefined || more.length > 0 || a === b)
    throw new FaultlineError('BAD_NAMES', { names: (options.names ?? []).join(' ') });
  const out = resolve(options.out ?? join('.faultline', 'compare', `${runOf(runs[0])}--${runOf(runs[1])}`));
  const { comparison, html } = writeComparison({ runs, names: [a, b], out, force: options.force });
  const lines = [
    comparison.headline,
    ...comparison.measures.map(({ name, told }) => `  ${name}: ${told[0]} | ${told[1]}`),
    ...comparison.differences.map((text) => `  not the same: ${text}`),
    `report: ${relative(process.cwd(), html) || html}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

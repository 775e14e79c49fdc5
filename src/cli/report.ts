import { join } from 'node:path';
import { writePdf } from '../report/index.ts';
import { findRun, reportRun } from './runs.ts';

/** `faultline report RUN`: writes an old run's reports again; with `pdf`, on paper too. */
export async function report(run: string, options: { readonly pdf?: boolean } = {}): Promise<number> {
  const folder = findRun(run);
  const { html } = reportRun(folder);
  process.stdout.write(`report: ${html}\n`);
  if (options.pdf) process.stdout.write(`pdf: ${await writePdf(html, join(folder, 'report.pdf'))}\n`);
  return 0;
}

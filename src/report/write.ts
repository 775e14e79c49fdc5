import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../experiments/journal/index.ts';
import type { PastRun } from './findings.ts';
import { renderHtml } from './html/render.ts';
import { renderJson } from './json/render.ts';
import { renderJunit } from './junit/render.ts';
import { renderMarkdown } from './markdown/render.ts';
import { summarise } from './summarise.ts';

/** Paths of a run's reports. */
interface Reports {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly junit: string;
}

/**
 * Makes the reports of a run from its journal, and the earlier runs that it is given, and writes them beside it: `report.html`,
 * `report.md`, `report.json`, `report.junit.xml`. They replace older ones whole; what a reader sees is never half written.
 * @throws the system's error when there is no journal or the folder cannot be written
 */
export function writeReports(runFolder: string, earlier: readonly PastRun[] = []): Reports {
  const summary = summarise(readJournal(runFolder), earlier);
  const write = (name: string, text: string) => writeWhole(join(runFolder, name), text);
  return {
    html: write('report.html', renderHtml(summary)),
    markdown: write('report.md', renderMarkdown(summary)),
    json: write('report.json', renderJson(summary)),
    junit: write('report.junit.xml', renderJunit(summary)),
  };
}

/** For its owner only, and never half written. */
export function writeWhole(path: string, text: string): string {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
  return path;
}

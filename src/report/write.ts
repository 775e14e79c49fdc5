import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../experiments/journal/index.ts';
import { renderHtml } from './html/render.ts';
import { renderJson } from './json/render.ts';
import { renderMarkdown } from './markdown/render.ts';
import { summarise } from './summarise.ts';

/** Paths of a run's reports. */
interface Reports {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
}

/**
 * Makes the reports of a run from its journal alone and writes them beside it: `report.html`, `report.md`, `report.json`.
 * They replace older ones whole; what a reader sees is never half written.
 * @throws the system's error when there is no journal or the folder cannot be written
 */
export function writeReports(runFolder: string): Reports {
  const summary = summarise(readJournal(runFolder));
  const write = (name: string, text: string) => {
    const path = join(runFolder, name);
    const draft = `${path}.${process.pid}.tmp`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
    return path;
  };
  return {
    html: write('report.html', renderHtml(summary)),
    markdown: write('report.md', renderMarkdown(summary)),
    json: write('report.json', renderJson(summary)),
  };
}

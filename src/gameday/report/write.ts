import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { JOURNAL_FILE, readJournal, runsFolder } from '../../experiments/journal/index.ts';
import { moment } from '../../report/format.ts';
import { html } from '../../report/html/markup.ts';
import { page } from '../../report/html/page.ts';
import { toldSection } from '../../report/html/told.ts';
import { heading, plain } from '../../report/markdown/text.ts';
import { toldBlocks } from '../../report/markdown/told.ts';
import { summarise } from '../../report/summarise.ts';
import { writeWhole } from '../../report/write.ts';
import type { GameDayState } from '../state.ts';
import type { GameDayReport } from './contract.ts';
import { headlineOf, sectionsOf } from './sections.ts';
import { type PlayedRun, summariseGameDay } from './summarise.ts';

/**
 * Writes `report.html`, `report.md` and `report.json` of a game day into its folder, from its state and the journals of its runs.
 * @returns path of the HTML report
 */
export function writeGameDayReport(state: GameDayState, folder: string, cwd: string): string {
  const runs = new Map(state.items.flatMap(({ run }) => (run === null ? [] : playedRun(run, folder, cwd))));
  const report = summariseGameDay(state, runs);
  writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeWhole(join(folder, 'report.md'), renderMarkdown(report));
  return writeWhole(join(folder, 'report.html'), renderHtml(report));
}

function playedRun(run: string, folder: string, cwd: string): (readonly [string, PlayedRun])[] {
  const own = join(runsFolder(cwd), run);
  if (!existsSync(join(own, JOURNAL_FILE))) return [];
  const report = relative(folder, join(own, 'report.html'));
  return [[run, { summary: summarise(readJournal(own)), report }]];
}

function renderHtml(report: GameDayReport): string {
  const sections = sectionsOf(report);
  return page({
    title: `${report.title}: game day`,
    header: html`<header>
  <div class="top"><span><b>Faultline</b> game day</span><span>${moment(report.startedAt)}</span></div>
  <div class="title"><h1>${report.title}</h1></div>
  <div class="verdict plain"><p class="headline">${headlineOf(report)}</p></div>
</header>`,
    sections: sections.map((told) => ({ id: told.id, name: told.name, section: toldSection(told) })),
    footer: `Made by Faultline from game day ${report.id}.`,
  });
}

function renderMarkdown(report: GameDayReport): string {
  const blocks = [
    heading(1, report.title),
    `Faultline game day, ${moment(report.startedAt)}`,
    plain(headlineOf(report)),
    ...sectionsOf(report).flatMap(toldBlocks),
  ];
  return `${blocks.join('\n\n')}\n`;
}

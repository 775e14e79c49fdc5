import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { findProgram } from '../proxy/files.ts';

/** Names that a Chromium goes by. */
export const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const PATIENCE_MS = 60_000;

/**
 * Prints an HTML file on paper by a Chromium without a window, and answers the PDF's path.
 * @throws FaultlineError NO_BROWSER where PATH holds none, PDF_NOT_WRITTEN where it made none
 */
export async function writePdf(page: string, pdf: string): Promise<string> {
  const browser = findProgram(BROWSERS);
  if (browser === undefined)
    throw new FaultlineError('NO_BROWSER', { page, names: BROWSERS.slice(0, 3).join(', ') });
  const profile = mkdtempSync(join(tmpdir(), 'faultline-pdf-'));
  const draft = join(dirname(pdf), `.${process.pid}.pdf`);
  try {
    await promisify(execFile)(
      browser,
      [
        '--headless',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-extensions',
        `--user-data-dir=${profile}`,
        // Chromium's sandbox does not start as root. The page is one of ours, and its policy lets it run and load nothing.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--no-pdf-header-footer',
        `--print-to-pdf=${draft}`,
        pathToFileURL(page).href,
      ],
      { timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
    );
    if (!existsSync(draft)) throw new Error('it ended without a file');
    renameSync(draft, pdf);
    return pdf;
  } catch (error) {
    const reason = reasonOf(error).split('\n', 1)[0];
    throw new FaultlineError('PDF_NOT_WRITTEN', { path: pdf, browser, reason });
  } finally {
    rmSync(draft, { force: true });
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

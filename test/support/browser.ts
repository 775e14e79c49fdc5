import { type Browser, chromium } from 'playwright-core';
import { findTool } from '../../src/sandbox/services/find-tool.ts';

/** Any of these programs does. */
export const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'] as const;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findTool(...BROWSERS)!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
}

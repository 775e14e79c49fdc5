import { createNotifier, followRun, loadChannels, tracesWanted } from '../../notify/index.ts';
import { findRun } from '../runs.ts';

/** How long what was told last may take to arrive once the run is over. */
const LAST_MS = 10_000;

/** `faultline notify follow`: tells of a run as it goes on. @returns 0, or 1 where something was not delivered */
export async function follow(
  run: string,
  { notify, version }: { readonly notify?: string; readonly version: string },
): Promise<number> {
  let failed = false;
  const log = (line: string) => {
    failed = true;
    process.stderr.write(`${new Date().toISOString()} ${line}\n`);
  };
  const channels = loadChannels({ cwd: process.cwd(), file: notify, environment: process.env });
  const notifier = createNotifier(channels, log);
  await followRun({ folder: findRun(run), notifier, traces: tracesWanted(process.env), version, log });
  await notifier.close(LAST_MS);
  return failed ? 1 : 0;
}

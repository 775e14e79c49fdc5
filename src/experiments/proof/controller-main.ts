import { readFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import type { JournalEvent, JournalType } from '../../core/journal.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { JOURNAL_FILE, runFolders, runsFolder } from '../journal/index.ts';
import { runExperiment } from '../run.ts';
import { type Crash, crashAt, factsOfCrash } from './crash.ts';

/** What `controller-main` is told, as a JSON file. */
export interface ControllerOrder {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  readonly cwd: string;
  readonly crash: Crash;
}

/** One event as the controller prints it. */
export interface Told {
  readonly type: JournalType;
  readonly run?: string;
  readonly control?: string;
  readonly pid?: number | undefined;
  readonly proxies?: Readonly<Record<string, string>>;
}

/**
 * A controller that meets its crash: runs the experiment of its order, prints each event of the journal as a line, and ends
 * with the run's exit code.
 */
const { plan, limits, cwd, crash } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as ControllerOrder;
const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort({ cause: 'signal', text: 'SIGINT' }));

let dataPlanePid: number | undefined;
let full = false;
let jump = 0;
const { within } = factsOfCrash(crash.kind);
const watch = crashAt(crash, () =>
  within?.({
    ...(dataPlanePid === undefined ? {} : { dataPlanePid }),
    fillDisk() {
      full = true;
    },
    jumpClock(ms) {
      jump = ms;
    },
  }),
);

const result = await runExperiment({
  plan,
  limits,
  cwd,
  environment: {},
  signal: interrupted.signal,
  clock: { ...systemClock, wall: () => systemClock.wall() + jump },
  warn: () => {},
  ...(crash.kind === 'disk full' ? { writeJournal: onSmallDisk } : {}),
  onEvent(event) {
    if (event.type === 'data-plane') dataPlanePid = event.pid;
    writeSync(1, `${JSON.stringify(told(event))}\n`);
    watch(event);
  },
});
process.exit(result.exit);

/** What of an event the other side needs. */
function told(event: JournalEvent): Told {
  const { type } = event;
  if (type === 'run-started') return { type, run: event.run };
  if (type === 'data-plane') return { type, control: event.control, proxies: event.proxies, pid: event.pid };
  return { type };
}

/** A disk that has room until it has none. */
async function onSmallDisk(lines: string, sync: boolean): Promise<void> {
  if (full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const [folder] = runFolders(runsFolder(cwd));
  const file = await open(join(folder!, JOURNAL_FILE), 'a', 0o600);
  try {
    await file.appendFile(lines);
    if (sync) await file.datasync();
  } finally {
    await file.close();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { JournalType } from '../../core/journal.ts';
import type { ControllerOrder, Told } from './controller-main.ts';
import { CRASH_LINE } from './crash.ts';

/** A controller in a process of its own, on its way to its crash. */
export interface Controller {
  /** Types of the events that it has told of. */
  readonly told: ReadonlySet<JournalType>;
  readonly run: string | undefined;
  /** The data plane that it works with. */
  readonly dataPlane: Required<Pick<Told, 'control' | 'proxies'>> | undefined;
  /** Resolves with the time at which its crash happened, undefined when it ended before. */
  readonly crashed: Promise<number | undefined>;
  readonly exited: Promise<number | null>;
  readonly ended: boolean;
  /** It has written its last line or ended: a data plane of its own is stopped, and rightly so. */
  readonly over: boolean;
  /** The end of what it said on stderr. */
  readonly complaint: string;
  kill(signal: NodeJS.Signals): void;
}

export function startController(order: ControllerOrder, execArgv: readonly string[]): Controller {
  const file = join(order.cwd, `order-${process.hrtime.bigint()}.json`);
  writeFileSync(file, JSON.stringify(order));
  // A group of its own: Ctrl-C reaches only who has started it.
  const child = spawn(process.execPath, [...execArgv, entry(), file], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = new Set<JournalType>();
  let run: string | undefined;
  let dataPlane: Controller['dataPlane'];
  let complaint = '';
  let ended = false;
  child.stderr!.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  const lines = createInterface(child.stdout!);
  const exited = exitOf(child, lines).finally(() => {
    ended = true;
  });
  const crashed = new Promise<number | undefined>((resolve) => {
    void exited.then(() => resolve(undefined));
    lines.on('line', (line) => {
      if (line === CRASH_LINE) return resolve(performance.now());
      const event = JSON.parse(line) as Told;
      told.add(event.type);
      run ??= event.run;
      if (event.control && event.proxies) dataPlane = { control: event.control, proxies: event.proxies };
    });
  });
  return {
    told,
    crashed,
    exited,
    kill: (signal) => void child.kill(signal),
    get run() {
      return run;
    },
    get dataPlane() {
      return dataPlane;
    },
    get ended() {
      return ended;
    },
    get over() {
      return ended || told.has('run-ended');
    },
    get complaint() {
      return complaint.trim();
    },
  };
}

/** Its exit code, null where a signal ended it; once its last line was read. */
async function exitOf(child: ChildProcess, lines: Interface): Promise<number | null> {
  const [[code]] = await Promise.all([once(child, 'close'), once(lines, 'close')]);
  return code as number | null;
}

function entry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./controller-main.${extension}`, import.meta.url));
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxError } from './error.ts';

/** A service as a child process in a process group of its own. */
export interface SupervisedOptions {
  /** What errors call it: "Postgres", "Redis". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the service; nothing is inherited but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Both outputs go to the end of this file. */
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
  /** How the service is asked to end. Default TERM. */
  readonly stopSignal?: 'TERM' | 'INT' | 'QUIT';
  /** Time it has to end before it is killed, in ms. Default 5000. */
  readonly grace?: number;
  /** A folder removed after the service has ended, also when this process was killed. */
  readonly remove?: string;
}

export interface Supervised {
  /** Process id of the service itself. */
  readonly pid: number;
  /** Settles when the service has ended, for whatever reason. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** What the service's log says of why it ended: its last lines that tell of a failure, else its last lines. */
  lastWords(): string;
  /** Ends the service and waits until it is gone. May be called any number of times. */
  stop(): Promise<void>;
}

/*
 *   this process ──stdin pipe──▶ sh ──▶ service
 *                ◀───pipe 3────┘
 *
 * The first pipe closes when this process ends, even by SIGKILL; sh then ends the service, so none outlives its owner.
 * Pipe 3 tells the service's process id, and closes when the service has ended; its folder waits until it was read.
 * The group of its own keeps a terminal's Ctrl-C away from the service: its owner decides when it ends.
 */
const SUPERVISOR = `
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
service=$!
echo $service >&3
(
  cat <&4 >/dev/null
  kill -s "$STOP_SIGNAL" $service 2>/dev/null || exit 0
  tenths=0
  while [ $tenths -lt "$GRACE_TENTHS" ]; do
    sleep 0.1
    kill -0 $service 2>/dev/null || exit 0
    tenths=$((tenths + 1))
  done
  kill -s KILL $service 2>/dev/null
) 3>&- &
watcher=$!
wait $service
kill $watcher 2>/dev/null
exec 3>&-
cat <&4 >/dev/null
if [ -n "$REMOVE" ]; then rm -rf -- "$REMOVE"; fi
`;

/** Starts a service under a supervisor that ends it when this process is gone. */
export async function startSupervised(options: SupervisedOptions): Promise<Supervised> {
  const grace = options.grace ?? 5000;
  const log = openSync(options.logFile, 'a');
  let supervisor: ChildProcess;
  try {
    supervisor = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', options.command, ...options.args], {
      stdio: ['pipe', log, log, 'pipe'],
      detached: true,
      cwd: options.cwd,
      uid: options.uid,
      gid: options.gid,
      env: {
        PATH: process.env.PATH,
        ...options.env,
        STOP_SIGNAL: options.stopSignal ?? 'TERM',
        GRACE_TENTHS: String(Math.ceil(grace / 100)),
        REMOVE: options.remove ?? '',
      },
    });
  } finally {
    closeSync(log);
  }
  const gone = new Promise<void>((resolve) => {
    supervisor.once('exit', () => resolve());
    supervisor.once('error', () => resolve());
  });
  supervisor.stdin?.on('error', () => {});
  const pipe = supervisor.stdio[3] as Socket | null | undefined;
  const pid = pipe ? await readPid(pipe, gone) : undefined;
  if (!pipe || pid === undefined) {
    throw new SandboxError(`${options.name} cannot be started: /bin/sh did not run.`);
  }
  pipe.resume();
  let hasEnded = false;
  const ended = Promise.race([once(pipe, 'close'), gone]).then(() => {
    hasEnded = true;
  });
  // A service does not keep its owner alive.
  supervisor.unref();
  for (const end of [pipe, supervisor.stdin as Socket | null]) end?.unref();

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    supervisor.ref();
    supervisor.stdin?.end();
    const timer = new AbortController();
    const late = sleep(grace + 1000, 'late' as const, { signal: timer.signal }).catch(() => undefined);
    if ((await Promise.race([gone, late])) === 'late') {
      killGroup(supervisor.pid!);
      await gone;
    }
    timer.abort();
    if (options.remove) await rm(options.remove, { recursive: true, force: true });
  };

  return {
    pid,
    ended,
    hasEnded: () => hasEnded,
    lastWords: () => lastWords(options.logFile),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function readPid(pipe: Socket, gone: Promise<void>): Promise<number | undefined> {
  const line = once(pipe, 'data').then(([chunk]) => Number(String(chunk).trim()));
  const pid = await Promise.race([line, gone.then(() => undefined)]).catch(() => undefined);
  return pid !== undefined && pid > 0 ? pid : undefined;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function lastWords(file: string): string {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return '(no log)';
  }
  const failures = lines.filter((line) => /error:|fatal|fail|could not|in use/i.test(line));
  const last = (failures.length > 0 ? failures : lines).slice(-3);
  return last.map((line) => line.trim()).join(' / ') || '(none)';
}

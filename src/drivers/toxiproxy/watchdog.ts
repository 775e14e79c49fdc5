import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FaultlineError } from '../../core/errors.ts';

/** Takes a run's toxics back when this process dies, or stops renewing the lease. */
export interface Watchdog {
  /** Resolves once its process runs; harmless when it does already. @throws FaultlineError WATCHDOG_LOST */
  start(): Promise<void>;
  /** From now on it waits for `leaseMs`. @throws FaultlineError WATCHDOG_LOST */
  arm(run: string, leaseMs: number): void;
  /** Nothing is in force: it watches nothing until it is armed again. */
  disarm(): void;
  /** Ends it; one that is armed goes on until it has taken the toxics back. */
  end(): Promise<void>;
}

export interface WatchdogOptions {
  /** Name of the driver, for errors. */
  readonly name: string;
  readonly control: string;
  /** Options for its node, such as a loader; by default those of this process. */
  readonly execArgv?: readonly string[];
}

/** What its stdin carries, a line each; its end means that this process is gone. */
export interface WatchdogOrder {
  readonly run: string;
  /** 0: nothing is in force. */
  readonly leaseMs: number;
}

/** How long it may take to start, on a busy machine. */
const START_MS = 15_000;
const END_MS = 3000;

/** A process in its own group, so that Ctrl-C does not reach it, started when it is first needed. */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  let child: ChildProcess | undefined;
  let run = '';
  let armed = false;

  const lost = (reason: string) => new FaultlineError('WATCHDOG_LOST', { driver: options.name, reason });
  const order = (leaseMs: number) => {
    child?.stdin?.write(`${JSON.stringify({ run, leaseMs } satisfies WatchdogOrder)}\n`);
  };

  return {
    async start() {
      if (child) return;
      const starting = start(options);
      if (!(await answers(starting))) {
        starting.kill('SIGKILL');
        throw lost('could not be started');
      }
      child = starting;
    },
    arm(of, leaseMs) {
      if (!child || hasEnded(child)) throw lost('has ended');
      run = of;
      armed = true;
      order(leaseMs);
    },
    disarm() {
      armed = false;
      order(0);
    },
    async end() {
      const ending = child;
      child = undefined;
      if (!ending || hasEnded(ending)) return;
      const ended = once(ending, 'exit');
      ending.stdin?.end();
      // What could not be taken back is still its to take.
      if (armed) return;
      const timer = setTimeout(() => ending.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function start({ control, execArgv = process.execArgv }: WatchdogOptions): ChildProcess {
  const child = spawn(process.execPath, [...execArgv, entry(), control], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    // It needs none of this process's secrets.
    env: { PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS },
  });
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  return child;
}

/** Its first line says that it watches. From then on it keeps nobody waiting for it. */
async function answers(child: ChildProcess): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), START_MS);
  const lines = createInterface({ input: child.stdout! });
  try {
    await Promise.race([
      once(lines, 'line', { signal: late.signal }),
      once(child, 'exit').then(() => Promise.reject(new Error('ended'))),
    ]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    lines.close();
    for (const handle of [child, child.stdin, child.stdout]) (handle as { unref?(): void }).unref?.();
  }
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

function entry(): string {
  return fileURLToPath(
    new URL(`./watchdog-main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
}

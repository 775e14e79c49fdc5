import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { byWhom, oneLine } from '../../core/halt.ts';
import { EXIT } from '../../core/verdict.ts';
import { runsFolder } from '../../experiments/journal/index.ts';
import { unfinishedRuns } from '../../experiments/recover/survey.ts';
import { findProxyConfig, readProxyConfig } from '../../proxy/config.ts';
import { DEFAULT_CONTROL } from '../../proxy/config-schema.ts';
import { sayHalted } from '../../safety/kill-switch.ts';
import { DEFAULT_LIMITS } from '../../safety/limits/defaults.ts';
import { loadLimits } from '../../safety/limits/index.ts';
import {
  type HaltRecord,
  readStopFile,
  recordHalt,
  removeStopFile,
  sayStopFile,
  writeStopFile,
} from '../../safety/stop-file.ts';
import { type KnownPlane, knownPlanes } from './planes.ts';
import { haltBySignal, reachAll } from './reach.ts';
import { runsEnd } from './runs.ts';

interface HaltOptions {
  readonly reason: string;
  /** Who halts or lifts; by default the user of this process. */
  readonly by?: string;
  readonly lift?: boolean;
  readonly status?: boolean;
  readonly control?: string;
  /** Whose runs, limits and proxies are meant; by default the current folder. */
  readonly cwd?: string;
}

/** What a kill switch of this folder works on. */
interface Switch {
  readonly stopFile: string;
  readonly planes: readonly KnownPlane[];
  readonly runs: ReturnType<typeof unfinishedRuns>;
}

/**
 * `faultline halt`: puts the stop file there, halts every data plane of this folder, and waits until every run has taken its
 * faults back. `--lift` takes stop file and halts away, `--status` only looks.
 * @returns 0; 4 where something could not be reached, and so may not be halted (or lifted); of `--status`, 6 while runs are refused
 */
export async function halt(options: HaltOptions): Promise<number> {
  const found = find(options.cwd ?? process.cwd(), options.control);
  if (options.status) return status(found);
  const by = oneLine(options.by ?? whoIsThis());
  return options.lift ? lift(found, by) : throwSwitch(found, oneLine(options.reason), by, options.control);
}

async function throwSwitch(
  { stopFile, planes, runs }: Switch,
  reason: string,
  by: string,
  named: string | undefined,
): Promise<number> {
  const t = new Date().toISOString();
  const record: HaltRecord = { t, act: 'halted', by, pid: process.pid, reason };
  const problems: string[] = [];
  // The file first: it works with no data plane there, and while one does not answer.
  const written = attempt(problems, `stop file ${stopFile} cannot be written`, () =>
    writeStopFile(stopFile, { since: t, by, pid: process.pid, reason }),
  );
  if (written !== undefined) say(`stop file ${stopFile} ${written ? 'written' : 'was there already'}`);
  attempt(problems, `the halt cannot be recorded beside ${stopFile}`, () => recordHalt(stopFile, record));

  const reached = await reachAll(planes, (driver) => driver.halt(reason, by));
  for (const one of reached) {
    if ('state' in one) say(`data plane at ${one.plane.control} halted: no fault is in force`);
    else if ('absent' in one) {
      say(`no data plane answers at ${one.plane.control}`);
      if (named !== undefined) problems.push(`nothing listens at ${named}`);
    } else problems.push(await pastControl(one.plane, one.unreached));
  }
  for (const { run, text, over } of await runsEnd(runs)) {
    if (over) say(`run ${run} ${text}`);
    else problems.push(`run ${run} ${text}`);
  }
  return conclude(problems, 'NOT HALTED');
}

/** Tells a process that its control port does not let us reach; whether it heeded that is asked once more. */
async function pastControl(plane: KnownPlane, reason: string): Promise<string> {
  const place = `data plane at ${plane.control} (${plane.known})`;
  if (!haltBySignal(plane)) return `${place}: ${reason}`;
  const [again] = await reachAll([plane], async () => {});
  const halted = again && 'state' in again && again.state.halted;
  return `${place}: ${reason}; its process ${plane.process?.pid} was told by a signal${halted ? ' and is halted now' : ' and has not answered'}`;
}

async function lift({ stopFile, planes }: Switch, by: string): Promise<number> {
  const problems: string[] = [];
  const t = new Date().toISOString();
  // Nothing is lifted that could not be recorded: it lets faults in again.
  const recorded = attempt(problems, `the lift cannot be recorded beside ${stopFile}`, () => {
    recordHalt(stopFile, { t, act: 'lifted', by, pid: process.pid });
    removeStopFile(stopFile);
    return true;
  });
  if (!recorded) return conclude(problems, 'NOT LIFTED');
  say(`stop file ${stopFile} removed`);
  for (const one of await reachAll(planes, (driver) => driver.lift(by))) {
    if ('state' in one) say(`data plane at ${one.plane.control} takes faults again`);
    else if ('absent' in one) say(`no data plane answers at ${one.plane.control}`);
    else problems.push(`data plane at ${one.plane.control} (${one.plane.known}): ${one.unreached}`);
  }
  return conclude(problems, 'NOT LIFTED');
}

async function status({ stopFile, planes, runs }: Switch): Promise<number> {
  const problems: string[] = [];
  const file = await readStopFile(stopFile).catch((error: unknown) => {
    problems.push(`whether the stop file ${stopFile} is there cannot be told: ${reasonOf(error)}`);
    return undefined;
  });
  if (file) say(`${sayStopFile(stopFile, file)} (since ${file.since}${byWhom(file)})`);
  else if (problems.length === 0) say(`no stop file ${stopFile}`);
  let refused = file !== undefined;
  for (const one of await reachAll(planes, async () => {})) {
    if ('state' in one) {
      const { halted, faults } = one.state;
      refused ||= halted !== undefined;
      say(
        `data plane at ${one.plane.control}: ${halted ? sayHalted(halted) : `not halted, ${faults.length} faults in force`}`,
      );
    } else if ('absent' in one) say(`no data plane answers at ${one.plane.control}`);
    else problems.push(`data plane at ${one.plane.control} (${one.plane.known}): ${one.unreached}`);
  }
  for (const { run, owner } of runs) say(`run ${run} is not over (process ${owner.pid})`);
  const exit = conclude(problems, 'NOT KNOWN');
  return refused || exit !== 0 ? EXIT.refused : 0;
}

/** A kill switch must not need files that are in order: what cannot be read is said, and what holds without it is taken. */
function find(cwd: string, control: string | undefined): Switch {
  const stopFile = orElse(DEFAULT_LIMITS.stopFile, () => loadLimits({ cwd }).stopFile);
  const runs = runsFolder(cwd);
  const unfinished = orElse([], () => unfinishedRuns(runs));
  const here = control ?? orElse(DEFAULT_CONTROL, () => controlHere(cwd));
  return { stopFile: resolve(cwd, stopFile), planes: knownPlanes(runs, unfinished, here), runs: unfinished };
}

function controlHere(cwd: string): string {
  const file = findProxyConfig(cwd);
  return file ? readProxyConfig(file).control : DEFAULT_CONTROL;
}

function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    return otherwise;
  }
}

function attempt<T>(problems: string[], what: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    problems.push(`${what}: ${reasonOf(error)}`);
    return undefined;
  }
}

function conclude(problems: readonly string[], word: string): number {
  for (const problem of problems) process.stderr.write(`${word}: ${problem}\n`);
  return problems.length === 0 ? 0 : EXIT.rollbackNotProven;
}

function whoIsThis(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A user without an entry in the system's table.
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

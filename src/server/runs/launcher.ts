import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FaultlineError } from '../../core/errors.ts';
import type { JournalEvent, Owner } from '../../core/journal.ts';
import type { KnownExperiment, Launcher, LaunchOrder } from '../../core/launch.ts';
import { reasonOf } from '../../core/reason.ts';
import type { FromRun, ToRun } from '../../core/supervision.ts';
import { isGone } from '../../drivers/process.ts';
import { hasEnded, runFolders, runOf, runsFolder } from '../../experiments/journal/index.ts';
import { unfinishedRun } from '../../experiments/recover/survey.ts';
import { ownVerb } from '../own-command.ts';
import { isOfThisHost, RunsElsewhere } from './elsewhere.ts';
import { experimentNamed, experimentsOn, type Shelf } from './experiments.ts';
import { FollowedRun, type StopRun } from './followed.ts';
import { Recovery } from './recovery.ts';

export interface LauncherOptions extends Shelf {
  /** Program and first arguments that run this same Faultline: `[node, …, main.js]`. */
  readonly command: readonly string[];
  /** File of notifications, for the runs to tell of themselves. */
  readonly notify?: string;
}

interface LauncherEvents {
  /** A run came under watch. */
  run: [FollowedRun];
  event: [run: FollowedRun, event: JournalEvent];
  ended: [FollowedRun];
}

/**
 * Starts runs, each in a process and a process group of its own: a run is under its own monitor, and neither a busy nor a dead
 * control plane makes a difference to it. Runs that were started otherwise, or before a restart, are found by their journals.
 */
export class RunLauncher extends EventEmitter<LauncherEvents> implements Launcher {
  readonly #options: LauncherOptions;
  readonly #runs = new Map<string, FollowedRun>();
  /** Runs that no look can find under way any more. */
  readonly #settled = new Set<string>();
  readonly #elsewhere = new RunsElsewhere();
  readonly #recovery: Recovery;

  constructor(options: LauncherOptions) {
    super();
    this.#options = options;
    this.#recovery = new Recovery((run) => ownVerb(options, ['recover', run]));
  }

  async experiments(): Promise<readonly KnownExperiment[]> {
    return experimentsOn(this.#options);
  }

  running(): readonly FollowedRun[] {
    return [...this.#runs.values()];
  }

  run(id: string): FollowedRun | undefined {
    return this.#runs.get(id);
  }

  /** Runs that have no end although their process is gone, in sentences. */
  get troubles(): readonly string[] {
    return [...this.#recovery.troubles, ...this.#elsewhere.troubles];
  }

  async start(order: LaunchOrder): Promise<FollowedRun> {
    const { file } = experimentNamed(this.#options, order.experiment);
    const log = this.#log(order.experiment);
    const child = this.#spawn(file, order, log);
    const id = await startOf(child, log);
    const folder = join(runsFolder(this.#options.cwd), id);
    const run = this.#watch(id, folder, (reason, by) => tell(child, { type: 'stop', reason, by }));
    if (order.beforeStep) answerSteps(child, order.beforeStep);
    await Promise.race([run.began, run.ended]);
    return run;
  }

  /** Finds runs that are under way without having been started here, and those whose process is gone before their end. */
  discover(): void {
    for (const folder of runFolders(runsFolder(this.#options.cwd))) {
      const id = runOf(folder);
      if (this.#runs.has(id) || this.#settled.has(id) || this.#elsewhere.has(id)) continue;
      try {
        this.#look(id, folder);
      } catch {
        // Another user's, or broken: the history says so, and the others are looked at all the same.
        this.#settled.add(id);
      }
    }
  }

  /** Stops watching; what runs goes on. */
  close(): void {
    this.#recovery.close();
    for (const run of this.#runs.values()) run.leave();
  }

  #look(id: string, folder: string): void {
    const unfinished = unfinishedRun(folder);
    if (unfinished && isOfThisHost(unfinished.owner)) this.#watch(id, folder, stopBySignal);
    else if (unfinished) this.#elsewhere.add(unfinished);
    else if (hasEnded(folder)) this.#settled.add(id);
  }

  /** @throws FaultlineError RUN_NOT_STARTED where the disk takes none */
  #log(experiment: string): string {
    const logs = join(runsFolder(this.#options.cwd), '..', 'logs');
    const log = join(logs, `${experiment}-${Date.now()}.log`);
    try {
      mkdirSync(logs, { recursive: true, mode: 0o700 });
      closeSync(openSync(log, 'a', 0o600));
    } catch (error) {
      throw new FaultlineError('RUN_NOT_STARTED', {
        reason: `its log cannot be written: ${reasonOf(error)}`,
      });
    }
    return log;
  }

  #spawn(file: string, { by, approvedBy = [], beforeStep }: LaunchOrder, log: string): ChildProcess {
    const { command, cwd, limits, notify } = this.#options;
    const [program, ...first] = command;
    const out = openSync(log, 'a', 0o600);
    try {
      return spawn(
        program!,
        [
          ...first,
          // As somebody in this folder would type it: reports tell how to play it again.
          ...['run', relative(cwd, file), '--supervised', '--started-by', by],
          ...(limits ? ['--limits', limits] : []),
          ...(notify ? ['--notify', notify] : []),
          ...(approvedBy.length > 0 ? ['--approved-by', ...approvedBy] : []),
          ...(beforeStep ? ['--hold-steps'] : []),
        ],
        { cwd, detached: true, stdio: ['ignore', out, out, 'ipc'] },
      );
    } finally {
      closeSync(out);
    }
  }

  /** A run is watched once: one that was found before its process could say that it is ours is ours from now on. */
  #watch(id: string, folder: string, stop: StopRun): FollowedRun {
    const known = this.#runs.get(id);
    if (known) {
      known.stopsBy(stop);
      return known;
    }
    const run = new FollowedRun(id, folder, stop);
    this.#runs.set(id, run);
    this.emit('run', run);
    run.follow((event) => this.emit('event', run, event));
    void run.abandoned.then(() => this.#recovery.add(run));
    void run.ended.then(() => {
      this.#runs.delete(id);
      this.emit('ended', run);
    });
    return run;
  }
}

/** The id of the run that a process began; what it said in its place when it ended without one. */
function startOf(child: ChildProcess, log: string): Promise<string> {
  let refused: string | undefined;
  return new Promise((resolve, reject) => {
    const exited = (code: number | null) => {
      const end = () => {
        const reason = refused ?? (lastWords(log) || `exit code ${code}`);
        reject(new FaultlineError('RUN_NOT_STARTED', { reason }));
      };
      // What it said last may still be on its way.
      if (child.connected) child.once('disconnect', end);
      else end();
    };
    child.on('message', (message) => {
      const said = message as FromRun;
      if (said.type === 'refused') refused = said.reason;
      if (said.type !== 'run') return;
      child.off('exit', exited);
      resolve(said.id);
    });
    child.once('error', (error) => reject(new FaultlineError('RUN_NOT_STARTED', { reason: error.message })));
    child.once('exit', exited);
  });
}

function lastWords(log: string): string {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-5).join(' ');
  } catch {
    return '';
  }
}

function tell(child: ChildProcess, message: ToRun): void {
  if (child.connected) child.send(message, () => {});
  else child.kill('SIGTERM');
}

function stopBySignal(_reason: string, _by: string, owner: Owner | undefined): void {
  if (owner && !isGone(owner)) process.kill(owner.pid, 'SIGTERM');
}

function answerSteps(child: ChildProcess, beforeStep: NonNullable<LaunchOrder['beforeStep']>): void {
  child.on('message', async (message) => {
    const said = message as FromRun;
    if (said.type !== 'before-step') return;
    const answer = await beforeStep({ index: said.index, name: said.name }).catch(() => 'play' as const);
    tell(child, { type: 'step', answer });
  });
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent } from '../core/journal.ts';
import type { LaunchEnd, LaunchedRun, Launcher, LaunchOrder } from '../core/launch.ts';
import type { Plan } from '../core/plan.ts';
import { reasonOf } from '../core/reason.ts';
import { isGone, ownIdentity } from '../drivers/process.ts';
import { JOURNAL_FILE, lastOf, readJournal, runsFolder } from '../experiments/journal/index.ts';
import { takePlace } from '../experiments/places.ts';
import type { GameDayBody } from './contract.ts';
import type { GameDayLog } from './log.ts';
import { writeGameDayReport } from './report/write.ts';
import { AGENDA, type GameDayState, isOver, opensAt } from './state.ts';

export interface DriverOptions {
  readonly log: GameDayLog;
  readonly launcher: Launcher;
  /** Folder in which `.faultline` lies. */
  readonly cwd: string;
}

/** How often the journal is looked at for what others have written, ms. */
const LOOK_MS = 200;

/**
 * Plays what a game day's journal says: starts runs, holds their steps, opens gates by the time, and writes the report at the
 * end. All that it knows is in the journal, so another one can go on where this one ended.
 */
export class GameDayDriver {
  /** The game day is over and its report is written: its path. */
  readonly over: Promise<string>;
  readonly #log: GameDayLog;
  readonly #launcher: Launcher;
  readonly #cwd: string;
  readonly #timer: NodeJS.Timeout;
  readonly #release: () => void;
  #finish: (report: string) => void = () => {};
  /** Item whose run this process has started or taken up. */
  #playing: number | undefined;
  #run: LaunchedRun | undefined;
  #stopping = false;
  /** Passes on what became of the step that is held back. */
  #answer: (() => void) | undefined;

  private constructor({ log, launcher, cwd }: DriverOptions, release: () => void) {
    this.#log = log;
    this.#launcher = launcher;
    this.#cwd = cwd;
    this.#release = release;
    this.over = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#takeUp();
    this.look();
  }

  /** Drives a game day; undefined where another process does. */
  static start(options: DriverOptions): GameDayDriver | undefined {
    const { folder, id } = options.log;
    const place = takePlace({ runs: folder, run: id, owner: ownIdentity(), places: 1, isGone });
    return 'release' in place ? new GameDayDriver(options, place.release) : undefined;
  }

  /** A run of it is under way. */
  get playing(): boolean {
    return this.#playing !== undefined;
  }

  /** Does at once what the journal asks for. */
  look(): void {
    const { state } = this.#log;
    if (!state) return;
    if (isOver(state)) {
      this.close();
      this.#finish(writeGameDayReport(state, this.#log.folder, this.#cwd));
      return;
    }
    const item = state.items[state.current]!;
    if (Date.now() >= (opensAt(state) ?? Number.POSITIVE_INFINITY)) {
      this.#append({ type: 'go', by: AGENDA });
      this.look();
      return;
    }
    if (item.phase !== 'running') return;
    if (this.#playing === undefined) void this.#play(state);
    if (state.stopped && this.#run && !this.#stopping) {
      this.#stopping = true;
      this.#run.stop(state.stopped.reason, state.stopped.by);
    }
    if (!item.waiting) this.#answer?.();
  }

  /** Ends the run under way, by its rollback; the game day stays open. */
  stopRun(reason: string, by: string): void {
    this.#run?.stop(reason, by);
  }

  /** Drives no more; what runs goes on, and somebody else may drive. */
  close(): void {
    clearInterval(this.#timer);
    this.#release();
  }

  /** A run that was under way when the process before this one ended. */
  #takeUp(): void {
    const { state } = this.#log;
    const index = state?.current ?? 0;
    const item = state?.items[index];
    if (item?.phase !== 'running') return;
    if (item.run === null) {
      this.#append({
        type: 'run-refused',
        item: index,
        reason: 'it was interrupted before the run had begun',
      });
      return;
    }
    this.#playing = index;
    const running = this.#launcher.running().find(({ id }) => id === item.run);
    if (running) {
      this.#append({ type: 'run-alone', item: index });
      this.#follow(index, running);
    } else this.#ended(index, endOf(join(runsFolder(this.#cwd), item.run)));
  }

  async #play(state: GameDayState): Promise<void> {
    const index = state.current;
    this.#playing = index;
    this.#stopping = false;
    const { experiment, approvedBy } = state.gameDay.agenda[index]!;
    try {
      const by = `game day ${state.id}`;
      const run = await this.#launcher.start({ experiment, by, approvedBy, beforeStep: this.#hold(index) });
      this.#append({ type: 'run-started', item: index, run: run.id });
      this.#follow(index, run);
      this.look();
    } catch (error) {
      this.#playing = undefined;
      this.#append({ type: 'run-refused', item: index, reason: reasonOf(error) });
    }
  }

  /** Steps begin at once but where somebody has asked to hold. */
  #hold(index: number): NonNullable<LaunchOrder['beforeStep']> {
    return ({ index: step, name }) =>
      new Promise((resolve) => {
        const item = this.#log.state?.items[index];
        if (!item?.held) {
          resolve('play');
          return;
        }
        this.#append({ type: 'step-waiting', item: index, index: step, name });
        this.#answer = () => {
          this.#answer = undefined;
          resolve(this.#log.state?.items[index]?.answers[step] ?? 'play');
        };
      });
  }

  #follow(index: number, run: LaunchedRun): void {
    this.#run = run;
    let plan: Plan | undefined;
    const unfollow = run.follow((event: JournalEvent) => {
      if (event.type === 'run-started') plan = event.plan;
      if (event.type !== 'step-applied' || event.step <= (this.#log.state?.items[index]?.step?.index ?? -1))
        return;
      const name = plan?.steps[event.step]?.name ?? `step ${event.step + 1}`;
      this.#append({ type: 'step-begun', item: index, index: event.step, name });
    });
    void run.ended.then((end) => {
      unfollow();
      this.#ended(index, end);
      this.look();
    });
  }

  #ended(index: number, { verdict, exit, sentence }: LaunchEnd): void {
    this.#run = undefined;
    this.#playing = undefined;
    this.#answer = undefined;
    this.#append({ type: 'run-ended', item: index, verdict, exit, sentence });
  }

  #append(body: GameDayBody): void {
    try {
      this.#log.append(body);
    } catch {
      // Somebody else has acted in the meantime; what stands in the journal holds.
    }
  }
}

function endOf(folder: string): LaunchEnd {
  const events = existsSync(join(folder, JOURNAL_FILE)) ? readJournal(folder) : [];
  const end = lastOf(events, 'run-ended');
  const sentence = 'its process ended without an end in its journal; "faultline recover" writes it';
  return end ?? { verdict: 'inconclusive', exit: 5, sentence };
}

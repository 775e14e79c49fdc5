import type { Clock } from '../core/clock.ts';
import { FaultlineError } from '../core/errors.ts';
import type { JournalEvent } from '../core/journal.ts';
import type { LaunchEnd, LaunchedRun, Launcher, LaunchOrder } from '../core/launch.ts';
import type { Plan } from '../core/plan.ts';
import { reasonOf } from '../core/reason.ts';
import { EXIT } from '../core/verdict.ts';
import { isGone, ownIdentity } from '../drivers/process.ts';
import { takePlace } from '../experiments/places.ts';
import type { DriverPlace, GameDayBody } from './contract.ts';
import { type GameDayLog, written } from './log.ts';
import { writeGameDayReport } from './report/write.ts';
import { endOfRun, runBegunBy, startedBy } from './runs.ts';
import { AGENDA, type GameDayState, type ItemState, isOver, opensAt } from './state.ts';

export interface DriverOptions {
  readonly log: GameDayLog;
  /** Its `discover` finds runs that are under way without having been started by it. */
  readonly launcher: Launcher & { discover(): void };
  /** Folder in which `.faultline` lies. */
  readonly cwd: string;
  readonly place: DriverPlace;
  readonly clock: Clock;
}

/** How often the journal is looked at for what others have written, ms. */
const LOOK_MS = 200;

/** A gate whose time passed so long ago, while nobody played, is not opened any more, ms. */
const LATE_MS = 60_000;

/** How long after a gate was opened the run may still begin whose starter has ended, ms. */
const BEGINS_WITHIN_MS = 30_000;

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
  readonly #clock: Clock;
  readonly #release: () => void;
  #finish: (report: string) => void = () => {};
  #cancel: () => void = () => {};
  #closed = false;
  #trouble: string | undefined;
  /** What became of the runs and is not in the journal yet: nothing else happens before it is. */
  #unwritten: readonly GameDayBody[] = [];
  /** Item whose run this process has started or taken up. */
  #playing: number | undefined;
  /** Item of which is not known yet whether the process before this one has begun its run. */
  #seeking: number | undefined;
  #run: LaunchedRun | undefined;
  #stopping = false;
  /** Passes on what became of the step that is held back. */
  #answer: (() => void) | undefined;

  private constructor({ log, launcher, cwd, place, clock }: DriverOptions, release: () => void) {
    this.#log = log;
    this.#launcher = launcher;
    this.#cwd = cwd;
    this.#clock = clock;
    this.#release = release;
    this.over = new Promise((resolve) => {
      this.#finish = resolve;
    });
    launcher.discover();
    this.#record({ type: 'driving', place });
    this.#takeUp();
    this.#lookAgain();
  }

  /**
   * Drives a game day; undefined where another process does.
   * @throws FaultlineError GAME_DAY_NOT_WRITTEN
   */
  static start(options: DriverOptions): GameDayDriver | undefined {
    const { folder, id } = options.log;
    const place = written(() =>
      takePlace({ runs: folder, run: id, owner: ownIdentity(), places: 1, isGone }),
    );
    return 'release' in place ? new GameDayDriver(options, place.release) : undefined;
  }

  /** A run of it is under way. */
  get playing(): boolean {
    return this.#playing !== undefined;
  }

  /** What cannot be recorded now, in a sentence; it is tried again until it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Does at once what the journal asks for. */
  look(): void {
    if (this.#closed) return;
    this.#write();
    const { state } = this.#log;
    if (!state || this.#unwritten.length > 0) return;
    if (isOver(state)) {
      this.#conclude(state);
      return;
    }
    const opens = opensAt(state);
    if (opens !== undefined && this.#clock.wall() >= opens) {
      const late = this.#clock.wall() - opens > LATE_MS;
      this.#record({ type: late ? 'hold' : 'go', by: AGENDA });
      this.look();
      return;
    }
    const item = state.items[state.current]!;
    if (item.phase !== 'running') return;
    if (this.#seeking === state.current) this.#seek(state, item);
    else if (this.#playing === undefined) void this.#play(state);
    if (state.stopped && this.#run && !this.#stopping) this.stopRun(state.stopped.reason, state.stopped.by);
    if (!item.waiting) this.#answer?.();
  }

  /** Ends the run under way, by its rollback; the game day stays open. */
  stopRun(reason: string, by: string): void {
    this.#stopping = this.#run !== undefined;
    this.#run?.stop(reason, by);
  }

  /** Drives no more; what runs goes on, and somebody else may drive. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel();
    this.#release();
  }

  #lookAgain(): void {
    this.look();
    if (!this.#closed) this.#cancel = this.#clock.after(LOOK_MS, () => this.#lookAgain());
  }

  #conclude(state: GameDayState): void {
    try {
      const report = written(() => writeGameDayReport(state, this.#log.folder, this.#cwd));
      this.close();
      this.#finish(report);
    } catch (error) {
      this.#trouble = reasonOf(error);
    }
  }

  /** An item that was under way when the process before this one ended. */
  #takeUp(): void {
    const { state } = this.#log;
    const index = state?.current ?? 0;
    const item = state?.items[index];
    if (item?.phase !== 'running') return;
    if (item.run === null) this.#seeking = index;
    else this.#adopt(index, item.run);
  }

  /** The process before may have ended between starting the run and recording which it is. */
  #seek(state: GameDayState, { since, runs }: ItemState): void {
    const index = state.current;
    const began = Date.parse(since!);
    const run = runBegunBy(state.id, { cwd: this.#cwd, since: began, known: runs });
    if (run !== undefined) {
      this.#seeking = undefined;
      this.#record({ type: 'run-started', item: index, run });
      this.#adopt(index, run);
    } else if (this.#clock.wall() > began + BEGINS_WITHIN_MS) {
      this.#seeking = undefined;
      const reason = 'it was interrupted before the run had begun';
      this.#record({ type: 'run-refused', item: index, reason });
    }
  }

  #adopt(index: number, run: string): void {
    this.#playing = index;
    const running = this.#launcher.running().find(({ id }) => id === run);
    if (!running) {
      this.#ended(index, endOfRun(this.#cwd, run));
      return;
    }
    this.#record({ type: 'run-alone', item: index });
    this.#follow(index, running);
  }

  async #play(state: GameDayState): Promise<void> {
    const index = state.current;
    this.#playing = index;
    this.#stopping = false;
    const { experiment, approvedBy } = state.gameDay.agenda[index]!;
    try {
      const by = startedBy(state.id);
      const run = await this.#launcher.start({ experiment, by, approvedBy, beforeStep: this.#hold(index) });
      this.#record({ type: 'run-started', item: index, run: run.id });
      this.#follow(index, run);
    } catch (error) {
      this.#playing = undefined;
      this.#record({ type: 'run-refused', item: index, reason: reasonOf(error) });
    }
    this.look();
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
        this.#record({ type: 'step-waiting', item: index, index: step, name });
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
      this.#record({ type: 'step-begun', item: index, index: event.step, name });
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
    // Nothing was injected: people mend what was in the way and open the gate again, or leave the item out.
    if (exit === EXIT.refused) this.#record({ type: 'run-refused', item: index, reason: sentence });
    else this.#record({ type: 'run-ended', item: index, verdict, exit, sentence });
  }

  #record(body: GameDayBody): void {
    // A run that is watched no more has not ended: whoever drives next sees to it.
    if (this.#closed) return;
    this.#unwritten = [...this.#unwritten, body];
    this.#write();
  }

  #write(): void {
    while (this.#unwritten.length > 0) {
      try {
        this.#log.append(this.#unwritten[0]!, new Date(this.#clock.wall()).toISOString());
      } catch (error) {
        // What the journal refuses somebody else has overtaken; what the disk refuses is tried again.
        if (!(error instanceof FaultlineError) || error.code === 'GAME_DAY_NOT_WRITTEN') {
          this.#trouble = reasonOf(error);
          return;
        }
      }
      this.#unwritten = this.#unwritten.slice(1);
    }
    this.#trouble = undefined;
  }
}

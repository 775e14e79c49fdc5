import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { didYouMean } from '../core/suggest.ts';
import type { GameDay } from '../gameday/contract.ts';
import { GameDayDriver } from '../gameday/driver.ts';
import { KnownGameDays } from '../gameday/known.ts';
import { loadGameDay } from '../gameday/load.ts';
import { type GameDayLog, openGameDay, written } from '../gameday/log.ts';
import { writeGameDayReport } from '../gameday/report/write.ts';
import { type GameDayState, isOver } from '../gameday/state.ts';
import { hidesRun, isBlindNow, viewerOf } from '../gameday/view.ts';
import type { Principal } from './guards/roles.ts';
import { experimentsOn, type Shelf } from './runs/experiments.ts';
import type { RunLauncher } from './runs/launcher.ts';

/** A game-day file, in the folder `gamedays` beside the experiments. */
export interface KnownGameDay {
  readonly name: string;
  readonly title: string;
  /** What is wrong with it, as `file:line:column: sentence`. */
  readonly problems: readonly string[];
}

/** The game days of a control plane: those that it plays, and those that a terminal beside it plays. */
export class GameDays {
  readonly #shelf: Shelf;
  readonly #launcher: RunLauncher;
  readonly #known: KnownGameDays;
  readonly #drivers = new Map<string, GameDayDriver>();

  constructor(shelf: Shelf, launcher: RunLauncher) {
    this.#shelf = shelf;
    this.#launcher = launcher;
    this.#known = new KnownGameDays(shelf.cwd);
  }

  files(): readonly KnownGameDay[] {
    const experiments = experimentsOn(this.#shelf);
    const taken = new Map<string, string>();
    return this.#files().map((file) => {
      const nameless = file.replace(/\.ya?ml$/, '');
      try {
        const { name, title } = this.#load(file, experiments);
        const other = taken.get(name);
        if (other === undefined) taken.set(name, file);
        const problems = other === undefined ? [] : [`${file}: ${other} is named "${name}" already.`];
        return { name, title, problems };
      } catch (error) {
        const problems = error instanceof FaultlineErrors ? error.errors.map(String) : [reasonOf(error)];
        return { name: nameless, title: nameless, problems };
      }
    });
  }

  /** The newest first. */
  all(): readonly GameDayLog[] {
    return this.#known.all();
  }

  /** @throws FaultlineError UNKNOWN_GAME_DAY */
  named(id: string): GameDayLog {
    const all = this.all();
    const found = all.find((log) => log.id === id);
    if (found) return found;
    const ids = all.map((log) => log.id);
    throw new FaultlineError('UNKNOWN_GAME_DAY', { gameDay: id, suggestion: didYouMean(id, ids) });
  }

  /**
   * Begins the game day of a file, or goes on with it, and plays it where no other process does.
   * @throws FaultlineError UNKNOWN_GAME_DAY, GAME_DAY_NOT_WRITTEN, FaultlineErrors with all that is wrong with its file
   */
  open(name: string): string {
    const files = this.files();
    const index = files.findIndex((one) => one.name === name);
    if (index === -1) {
      const names = files.map((one) => one.name);
      throw new FaultlineError('UNKNOWN_GAME_DAY', { gameDay: name, suggestion: didYouMean(name, names) });
    }
    const { id } = openGameDay(this.#load(this.#files()[index]!), this.#shelf.cwd);
    this.#drive(id);
    return id;
  }

  /** Does at once what was just recorded; where nobody plays the game day any more, it is played from here. */
  look(id: string): void {
    this.#drive(id);
    this.#drivers.get(id)?.look();
  }

  /** Ends the run under way also where that cannot be recorded. */
  stopRun(id: string, reason: string, by: string): void {
    this.#drivers.get(id)?.stopRun(reason, by);
  }

  /** Goes on with those that a control plane played, and with those whose run nobody sees to its end. */
  resume(): void {
    for (const { id, state } of this.#known.open()) {
      const underWay = state!.items[state!.current]?.phase === 'running';
      if (!underWay && state!.driver !== 'control plane') continue;
      try {
        this.#drive(id);
      } catch {
        // A disk that takes nothing now is asked again at the next look.
      }
    }
  }

  /** Writes the report again, of a game day that is over and of which there is more to tell. */
  rewrite(id: string): void {
    const { folder, state } = this.named(id);
    if (state && isOver(state)) written(() => writeGameDayReport(state, folder, this.#shelf.cwd));
  }

  /** What it cannot record now; undefined when all is well. */
  trouble(id: string): string | undefined {
    return this.#drivers.get(id)?.trouble;
  }

  /** Whether somebody is told nothing of a run, since it is that of a blind item that is not over. */
  hides(run: string, from: Principal): boolean {
    return this.#known.open().some(({ state }) => observes(from, state!) && hidesRun(state!, run));
  }

  /** Whether anybody is told nothing of it. */
  hidesFromSome(run: string): boolean {
    return this.#known.open().some(({ state }) => hidesRun(state!, run));
  }

  /** Whether what tells runs apart is kept from somebody now: a blind item is under way. */
  blinds(who: Principal): boolean {
    return this.#known.open().some(({ state }) => observes(who, state!) && isBlindNow(state!));
  }

  close(): void {
    for (const driver of this.#drivers.values()) driver.close();
  }

  #drive(id: string): void {
    if (this.#drivers.has(id)) return;
    const options = { log: this.named(id), launcher: this.#launcher, cwd: this.#shelf.cwd };
    const driver = GameDayDriver.start({ ...options, place: 'control plane', clock: systemClock });
    if (!driver) return;
    this.#drivers.set(id, driver);
    void driver.over.then(() => this.#drivers.delete(id));
  }

  #folder(): string {
    return join(this.#shelf.folder, 'gamedays');
  }

  #files(): readonly string[] {
    if (!existsSync(this.#folder())) return [];
    return readdirSync(this.#folder())
      .filter((file) => /\.ya?ml$/.test(file))
      .sort();
  }

  #load(file: string, experiments = experimentsOn(this.#shelf)): GameDay {
    const { cwd, folder } = this.#shelf;
    return loadGameDay({ file: join(this.#folder(), file), cwd, experiments, folder });
  }
}

/** Who may only look, and whom the file names as an observer, whatever else they may do. */
export function observes({ name, role }: Principal, state: GameDayState): boolean {
  return role === 'viewer' || viewerOf(state, name) === 'observer';
}

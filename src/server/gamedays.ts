import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { didYouMean } from '../core/suggest.ts';
import type { GameDay } from '../gameday/contract.ts';
import { GameDayDriver } from '../gameday/driver.ts';
import { loadGameDay } from '../gameday/load.ts';
import { type GameDayLog, gameDayLogs, openGameDay } from '../gameday/log.ts';
import { isOver } from '../gameday/state.ts';
import { hidesRun } from '../gameday/view.ts';
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
  readonly #logs = new Map<string, GameDayLog>();
  readonly #over = new Set<string>();
  readonly #drivers = new Map<string, GameDayDriver>();

  constructor(shelf: Shelf, launcher: RunLauncher) {
    this.#shelf = shelf;
    this.#launcher = launcher;
  }

  files(): readonly KnownGameDay[] {
    const experiments = experimentsOn(this.#shelf);
    return this.#files().map((file) => {
      const nameless = file.replace(/\.ya?ml$/, '');
      try {
        const { name, title } = this.#load(file, experiments);
        return { name, title, problems: [] };
      } catch (error) {
        const problems = error instanceof FaultlineErrors ? error.errors.map(String) : [reasonOf(error)];
        return { name: nameless, title: nameless, problems };
      }
    });
  }

  /** The newest first. */
  all(): readonly GameDayLog[] {
    for (const log of gameDayLogs(this.#shelf.cwd)) if (!this.#logs.has(log.id)) this.#logs.set(log.id, log);
    return [...this.#logs.values()].filter(({ state }) => state).sort((a, b) => b.id.localeCompare(a.id));
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
   * @throws FaultlineError UNKNOWN_GAME_DAY, FaultlineErrors with all that is wrong with its file
   */
  open(name: string): string {
    const files = this.files();
    const index = files.findIndex((one) => one.name === name);
    if (index === -1) {
      const names = files.map((one) => one.name);
      throw new FaultlineError('UNKNOWN_GAME_DAY', { gameDay: name, suggestion: didYouMean(name, names) });
    }
    const { id } = openGameDay(this.#load(this.#files()[index]!), this.#shelf.cwd);
    if (!this.#drivers.has(id)) {
      const options = { log: this.named(id), launcher: this.#launcher, cwd: this.#shelf.cwd };
      const driver = GameDayDriver.start(options);
      if (driver) {
        this.#drivers.set(id, driver);
        void driver.over.then(() => this.#drivers.delete(id));
      }
    }
    return id;
  }

  /** Does at once what was just recorded. */
  look(id: string): void {
    this.#drivers.get(id)?.look();
  }

  /** Whether a run is that of a blind item under way: observers are told nothing of it. */
  hides(run: string): boolean {
    return this.all().some(({ id, state }) => {
      if (this.#over.has(id) || !state) return false;
      if (isOver(state)) this.#over.add(id);
      return hidesRun(state, run);
    });
  }

  close(): void {
    for (const driver of this.#drivers.values()) driver.close();
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

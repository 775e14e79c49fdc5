import { statSync } from 'node:fs';
import type { GameDayLog } from './log.ts';
import { gameDayLogs, gameDaysFolder } from './log.ts';
import { isOver } from './state.ts';

/** A folder that was changed within this time may change again without its time telling, ms. */
const SETTLES_MS = 1000;

/**
 * The game days below a working folder, also those that other processes begin and write. They are asked for with every event of
 * every run: the folder is read only after it was changed, and a game day that is over is not looked at again.
 */
export class KnownGameDays {
  readonly #cwd: string;
  readonly #logs = new Map<string, GameDayLog>();
  readonly #over = new Set<string>();
  /** When the folder had been changed last, as it was read; undefined where it may be changed since without a trace. */
  #changed: number | undefined;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** The newest first. */
  all(): readonly GameDayLog[] {
    this.#read();
    return [...this.#logs.values()].filter(({ state }) => state).sort((a, b) => b.id.localeCompare(a.id));
  }

  /** Those that are not over. */
  open(): readonly GameDayLog[] {
    this.#read();
    return [...this.#logs.values()].filter((log) => {
      if (this.#over.has(log.id)) return false;
      const { state } = log;
      if (state && isOver(state)) this.#over.add(log.id);
      return state !== undefined && !isOver(state);
    });
  }

  #read(): void {
    const changed = statSync(gameDaysFolder(this.#cwd), { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined || changed === this.#changed) return;
    this.#changed = Date.now() - changed > SETTLES_MS ? changed : undefined;
    for (const log of gameDayLogs(this.#cwd)) if (!this.#logs.has(log.id)) this.#logs.set(log.id, log);
  }
}

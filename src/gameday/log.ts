import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaultlineError } from '../core/errors.ts';
import { reasonOf } from '../core/reason.ts';
import { createRunFolder, JOURNAL_FILE, runFolders, runOf } from '../experiments/journal/index.ts';
import type { GameDay, GameDayBody, GameDayEvent } from './contract.ts';
import { type GameDayState, isOver, take, whyNot } from './state.ts';

/** Where game days live below a working folder. */
export function gameDaysFolder(cwd: string): string {
  return resolve(cwd, '.faultline', 'gamedays');
}

/**
 * The append-only journal of a game day. Several processes may write it: each line is written whole and synced, and the order
 * in the file is the one that counts, so that all of them see the same state.
 */
export class GameDayLog {
  readonly id: string;
  readonly folder: string;
  readonly #path: string;
  #offset = 0;
  #rest = Buffer.alloc(0);
  #state: GameDayState | undefined;

  constructor(folder: string) {
    this.id = runOf(folder);
    this.folder = folder;
    this.#path = join(folder, JOURNAL_FILE);
  }

  /** As it stands now, also by what others have written; undefined while it is not opened. */
  get state(): GameDayState | undefined {
    this.#read();
    return this.#state;
  }

  /**
   * Records what somebody does, or what becomes of a run; it is on the disk when this returns.
   * @throws FaultlineError GAME_DAY_OVER, NOT_NOW, NOT_THEIR_PART, UNKNOWN_PERSON; GAME_DAY_NOT_WRITTEN where the disk does not
   *   take it: what was recorded before stands
   */
  append(body: GameDayBody, t = new Date().toISOString()): void {
    const { state } = this;
    const refusal = state && whyNot(state, body);
    if (refusal) throw refusal;
    const event: GameDayEvent = { v: 1, t, ...body };
    written(() => {
      const file = openSync(this.#path, 'a', 0o600);
      try {
        // Begins on a line of its own, also behind one that a crash or a full disk has torn.
        appendFileSync(file, `\n${JSON.stringify(event)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
  }

  #read(): void {
    if (!existsSync(this.#path) || statSync(this.#path).size <= this.#offset) return;
    const file = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.alloc(statSync(this.#path).size - this.#offset);
      const read = readSync(file, chunk, 0, chunk.length, this.#offset);
      this.#offset += read;
      const text = Buffer.concat([this.#rest, chunk.subarray(0, read)]);
      const end = text.lastIndexOf(0x0a) + 1;
      this.#rest = text.subarray(end);
      for (const event of text.subarray(0, end).toString('utf8').split('\n').flatMap(parse))
        this.#state = take(this.#state, event);
    } finally {
      closeSync(file);
    }
  }
}

/** Every game day below a working folder, the oldest first. */
export function gameDayLogs(cwd: string): readonly GameDayLog[] {
  return runFolders(gameDaysFolder(cwd)).map((folder) => new GameDayLog(folder));
}

/** The game day of this file that is not over, or a new one. A file that was changed since is another game day. */
export function openGameDay(gameDay: GameDay, cwd: string): GameDayLog {
  const open = gameDayLogs(cwd).findLast(
    ({ state }) => state && !isOver(state) && isSame(state.gameDay, gameDay),
  );
  if (open) return open;
  const log = new GameDayLog(written(() => createRunFolder(gameDaysFolder(cwd), gameDay.name, Date.now())));
  log.append({ type: 'opened', id: log.id, gameDay });
  return log;
}

/** @throws FaultlineError GAME_DAY_NOT_WRITTEN in place of what the system says */
export function written<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? reasonOf(error);
    throw new FaultlineError('GAME_DAY_NOT_WRITTEN', { reason });
  }
}

function isSame(a: GameDay, b: GameDay): boolean {
  return a.name === b.name && a.source.hash === b.source.hash;
}

function parse(line: string): GameDayEvent[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as GameDayEvent];
  } catch {
    return [];
  }
}

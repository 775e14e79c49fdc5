import { appendFileSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import { type Halt, oneLine } from '../core/halt.ts';

const LOOK_MS = 250;

/**
 * What the stop file says, or undefined where there is none. One that a person made by hand counts whatever is in it: its first
 * line is the reason. So does one that is there and cannot be read.
 * @throws where it cannot be told whether it is there, as for a folder that may not be entered
 */
export async function readStopFile(path: string): Promise<Halt | undefined> {
  let since: string;
  try {
    since = (await stat(path)).mtime.toISOString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    return { since, ...parse(await readFile(path, 'utf8')) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Lifted just now.
    if (code === 'ENOENT') return undefined;
    return { since, reason: `why cannot be read (${code})` };
  }
}

function parse(text: string): Omit<Halt, 'since'> & Partial<Halt> {
  try {
    const { reason, since, by } = JSON.parse(text) as Record<string, unknown>;
    if (typeof reason === 'string') {
      return {
        reason: oneLine(reason),
        ...(typeof since === 'string' ? { since: oneLine(since) } : {}),
        ...(typeof by === 'string' ? { by: oneLine(by) } : {}),
      };
    }
  } catch {
    // Not one of ours.
  }
  return { reason: oneLine(text.trim().split('\n', 1)[0]!) };
}

/** That the file is there, and why, without a full stop. */
export function sayStopFile(path: string, { reason }: Halt): string {
  return `the stop file ${path} is there${reason && `: ${reason}`}`;
}

/**
 * Puts the stop file there, whole from the first moment. One that is there already stays as it is.
 * @returns whether it is new
 * @throws the system's error where it cannot be written
 */
export function writeStopFile(path: string, halt: Halt & { readonly pid?: number }): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const whole = `${path}.${process.pid}`;
  try {
    writeFileSync(whole, `${JSON.stringify(halt, undefined, 2)}\n`);
    linkSync(whole, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

/** Takes the stop file away. @throws the system's error where that cannot be done */
export function removeStopFile(path: string): void {
  rmSync(path, { force: true });
}

/** Who threw the kill switch or lifted it, when, and why. */
export interface HaltRecord {
  /** Wall clock, RFC 3339. */
  readonly t: string;
  readonly act: 'halted' | 'lifted';
  readonly by: string;
  readonly pid: number;
  readonly reason?: string;
}

/** Adds a line to the record beside the stop file, which outlives it. @throws the system's error */
export function recordHalt(stopFile: string, record: HaltRecord): void {
  mkdirSync(dirname(stopFile), { recursive: true });
  appendFileSync(`${stopFile}.log`, `${JSON.stringify(record)}\n`);
}

/**
 * Calls `onStop` once when the file is there, or when it cannot be told any more whether it is; looked for every 250 ms.
 * The answer ends it.
 */
export function watchStopFile(
  path: string,
  onStop: (reason: string, by?: string) => void,
  clock: Clock = systemClock,
): () => void {
  let ended = false;
  let cancel = () => {};
  const stop = (reason: string, by?: string) => {
    if (ended) return;
    ended = true;
    onStop(reason, by);
  };
  const look = async () => {
    try {
      const halt = await readStopFile(path);
      if (halt) stop(sayStopFile(path, halt), halt.by);
    } catch (error) {
      stop(`the stop file ${path} cannot be looked for: ${(error as NodeJS.ErrnoException).code}`);
    }
    if (!ended) cancel = clock.after(LOOK_MS, look);
  };
  void look();
  return () => {
    ended = true;
    cancel();
  };
}

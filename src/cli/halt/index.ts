import { hostname, userInfo } from 'node:os';
import { oneLine } from '../../core/halt.ts';
import { lift } from './lift.ts';
import { status } from './status.ts';
import { throwSwitch } from './throw.ts';

interface HaltOptions {
  readonly reason: string;
  /** Who halts or lifts; by default the user of this process. */
  readonly by?: string;
  readonly lift?: boolean;
  readonly status?: boolean;
  readonly control?: string;
  /** By default the current folder. */
  readonly cwd?: string;
}

/**
 * `faultline halt`: the kill switch of a folder. `--lift` lifts it, `--status` only looks.
 * @returns the exit code: 0; 4 where something could not be reached; of `--status`, 6 while runs are refused
 */
export function halt(options: HaltOptions): Promise<number> {
  const place = { cwd: options.cwd ?? process.cwd(), control: options.control };
  if (options.status) return status(place);
  const by = oneLine(options.by ?? whoIsThis());
  return options.lift ? lift(place, by) : throwSwitch(place, oneLine(options.reason), by);
}

function whoIsThis(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A user without an entry in the system's table.
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}

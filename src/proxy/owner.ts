import { readFileSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import type { Owner } from '../core/journal.ts';
import { hasEnded, parseProcessStat } from '../core/process-stat.ts';

/** The process on whose behalf a data plane runs. */
export interface EphemeralOwner {
  readonly pid: number;
  /** From `/proc/PID/stat`; empty where there is none. */
  readonly startTime: string;
  /** How long to go on without it, ms; default a minute, in which another run may take over. */
  readonly graceMs?: number;
}

const LOOK_EVERY_MS = 1000;

/** Calls back once when the owner has been gone for its grace. The answer ends the watch. */
export function watchOwner(owner: EphemeralOwner, clock: Clock, callback: () => void): () => void {
  const grace = owner.graceMs ?? 60_000;
  let goneSince: number | undefined;
  let cancel = () => {};
  const look = () => {
    if (!isGone(owner)) goneSince = undefined;
    else goneSince ??= clock.now();
    if (goneSince !== undefined && clock.now() - goneSince >= grace) callback();
    else cancel = clock.after(Math.min(LOOK_EVERY_MS, Math.max(grace, 10)), look);
  };
  look();
  return () => cancel();
}

function isGone({ pid, startTime }: EphemeralOwner): boolean {
  if (startTime !== '') {
    const now = parseProcessStat(read(`/proc/${pid}/stat`));
    return hasEnded(now.state) || now.startTime !== startTime;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** This process, as others can later tell whether it still lives. */
export function ownIdentity(): Owner {
  return {
    pid: process.pid,
    startTime: parseProcessStat(read('/proc/self/stat')).startTime,
    bootId: read('/proc/sys/kernel/random/boot_id').trim(),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Owner } from '../core/journal.ts';
import { hasEnded, parseProcessStat } from '../core/process-stat.ts';

/** This process, as others can later tell whether it still lives. */
export function ownIdentity(): Owner {
  return { ...identityOf(process.pid), host: hostname() };
}

/** The process that has `pid` now; without a start time where it cannot be read. */
export function identityOf(pid: number): Owner {
  return { pid, startTime: statOf(pid)?.startTime ?? '', bootId: bootId() };
}

/**
 * Whether the process has ended. Its pid alone says little: after a restart, or when pids come round, another process has
 * it. One that has ended and waits to be collected by its parent is gone too.
 */
export function isGone(owner: Owner): boolean {
  const boot = bootId();
  if (owner.bootId !== '' && boot !== '' && owner.bootId !== boot) return true;
  const stat = statOf(owner.pid);
  if (stat) return hasEnded(stat.state) || (owner.startTime !== '' && stat.startTime !== owner.startTime);
  return !answersSignal(owner.pid);
}

function statOf(pid: number): { readonly state: string; readonly startTime: string } | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text === '' ? undefined : parseProcessStat(text);
}

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim();
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

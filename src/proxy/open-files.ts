import { readFileSync } from 'node:fs';

/** Kept for the control API, the process itself, and connections of HTTP agents. */
const RESERVED = 96;
/** Each connection is a socket on either side. */
const EACH = 2;

let held = 0;
let most: number | undefined;

/**
 * Takes a place for one more connection through a proxy, of those that the process may have open files for; undefined
 * where there is none. Without this a flood of connections would use up all files, and nobody could reach the control
 * API any more to take faults back. The answer gives the place back.
 */
export function takePlace(): (() => void) | undefined {
  most ??= mostConnections(readLimits());
  if (held >= most) return undefined;
  held++;
  return () => void held--;
}

/** Connections that fit into the limit that Linux tells in `/proc/self/limits`; no bound where it tells none. */
export function mostConnections(limits: string): number {
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.max(1, Math.floor((files - RESERVED) / EACH));
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

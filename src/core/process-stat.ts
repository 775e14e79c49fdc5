/**
 * Reads the text of Linux's `/proc/PID/stat` (proc_pid_stat(5)): field 3 is the state, field 22 the start time in clock
 * ticks since boot. The second field, the command's name, may itself hold spaces and parentheses.
 */
export function parseProcessStat(text: string): { readonly state: string; readonly startTime: string } {
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

/** A process that has ended and only waits to be collected runs nothing any more. */
export function hasEnded(state: string): boolean {
  return state === 'Z' || state === 'X';
}

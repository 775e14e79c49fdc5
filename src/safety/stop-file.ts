import { access } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';

const LOOK_MS = 250;

/** Whether the stop file is there. @throws where that cannot be told, as for a folder that may not be read */
export async function stopFileExists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Calls `onStop` once when the file is there, or when it cannot be told any more whether it is; looked for every 250 ms.
 * The answer ends it.
 */
export function watchStopFile(
  path: string,
  onStop: (reason: string) => void,
  clock: Clock = systemClock,
): () => void {
  let ended = false;
  let cancel = () => {};
  const stop = (reason: string) => {
    if (ended) return;
    ended = true;
    onStop(reason);
  };
  const look = async () => {
    try {
      if (await stopFileExists(path)) stop(`the stop file ${path} is there`);
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

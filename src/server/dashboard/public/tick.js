import { useEffect, useState } from './lib/preact.js';

/** Draws its component again every `ms`, for what goes on by the clock alone. */
export function useTick(ms) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
}

/** The run's own time now, which goes on between two states; it stands still where nothing is heard. */
export function useRunTime(run, { way, stateAt }) {
  useTick(250);
  const since = way === 'lost' || run.end ? 0 : Date.now() - stateAt;
  return run.now + (run.end ? 0 : run.silentMs) + since;
}

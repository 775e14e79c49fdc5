import type { Probe, Sample } from '../core/ports.ts';
import { formatDuration } from '../core/units.ts';
import { reasonOf } from './reason.ts';

export type Measured = Omit<Sample, 'probe' | 'mono'>;

/** What one kind of probe finds out in one go; throws when there is no answer. Must let go when `signal` aborts. */
export type Attempt = (signal: AbortSignal) => Promise<Pick<Measured, 'status' | 'value'>>;

/** One kind of probe: attempts, and what it keeps between them. */
export interface Source {
  readonly attempt: Attempt;
  close?(): Promise<void> | void;
}

/** Makes a probe of a source: takes the time, ends it at `timeoutMs`, and turns every error into a failed sample. */
export function timed(name: string, timeoutMs: number, source: Source): Probe {
  return {
    name,
    async measure(signal) {
      const began = performance.now();
      const limit = new AbortController();
      const cancel = () => limit.abort();
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        limit.abort();
      }, timeoutMs);
      const given = new Promise<never>((_, reject) => {
        const stop = () => reject(new Error('given up'));
        if (limit.signal.aborted) stop();
        limit.signal.addEventListener('abort', stop, { once: true });
      });
      given.catch(() => {});
      try {
        // The race is for sources that do not let go at once: a sample is never later than its time-out.
        const found = await Promise.race([source.attempt(limit.signal), given]);
        return { ms: performance.now() - began, ok: true, ...found };
      } catch (error) {
        const reason = late ? `no answer within ${formatDuration(timeoutMs)}` : reasonOf(error);
        return { ms: performance.now() - began, ok: false, reason };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
      }
    },
    async close() {
      await source.close?.();
    },
  };
}

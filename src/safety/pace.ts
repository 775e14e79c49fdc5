import type { Clock } from '../core/clock.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { Probe, Sample } from '../core/ports.ts';
import { formatDuration } from '../core/units.ts';

/** Of one probe, as many measurements are under way at once before new ones begin further apart. */
const OVERLAP = 32;
/** How far apart at most: still dense enough for a stalled probe not to look like a missing one. */
const SPACING_MS = 500;

export interface Pace {
  stop(): void;
}

export interface PaceOptions {
  readonly spec: Pick<ProbeSpec, 'name' | 'everyMs' | 'timeoutMs'>;
  readonly clock: Clock;
  readonly measure: Probe['measure'];
  readonly onSample: (sample: Sample) => void;
  readonly signal: AbortSignal;
}

/**
 * Begins a measurement at each multiple of `everyMs`, whether or not those before have ended; a sample that comes late is
 * cut off at `timeoutMs`. Where more than 32 would overlap (a time-out over 32 times `everyMs`) and one is under way, they
 * begin `timeoutMs / 32` apart, or half a second where that is less. A pause of this process skips multiples instead of
 * making up for them.
 */
export function startPace(options: PaceOptions): Pace {
  const { spec, clock } = options;
  const spacing = Math.min(spec.timeoutMs / OVERLAP, SPACING_MS);
  let began = Number.NEGATIVE_INFINITY;
  let due = clock.now();
  let running = 0;
  let cancel = () => {};

  function begin(): void {
    began = clock.now();
    running++;
    measureOnce(options).then((sample) => {
      running--;
      if (sample && !options.signal.aborted) options.onSample(sample);
    });
  }

  function tick(): void {
    if (running === 0 || clock.now() - began >= spacing) begin();
    // A timer may fire a moment early: then this is still the multiple that it was set for.
    const behind = Math.max(0, Math.floor((clock.now() - due) / spec.everyMs));
    due += (behind + 1) * spec.everyMs;
    cancel = clock.after(due - clock.now(), tick);
  }

  tick();
  return { stop: () => cancel() };
}

/** One sample, at its time-out at the latest; undefined when it was called off. */
function measureOnce({ spec, clock, measure, signal }: PaceOptions): Promise<Sample | undefined> {
  const mono = clock.now();
  const own = new AbortController();
  return new Promise((resolve) => {
    const finish = (found: Omit<Sample, 'probe' | 'mono'> | undefined) => {
      cancel();
      signal.removeEventListener('abort', callOff);
      own.abort();
      resolve(found && { probe: spec.name, mono, ...found });
    };
    const callOff = () => finish(undefined);
    const cancel = clock.after(spec.timeoutMs, () =>
      finish({ ms: spec.timeoutMs, ok: false, reason: `no answer within ${formatDuration(spec.timeoutMs)}` }),
    );
    signal.addEventListener('abort', callOff, { once: true });
    measure(own.signal).then(finish, () =>
      finish({ ms: clock.now() - mono, ok: false, reason: 'the measurement failed' }),
    );
  });
}

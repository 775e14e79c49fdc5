import type { Expectation } from '../core/expectation.ts';
import type { ProbeWindow } from '../core/journal.ts';
import type { ProbeSpec } from '../core/plan.ts';
import type { MonitorEvent } from './contract.ts';

type Change = Extract<MonitorEvent, { kind: 'left-baseline' | 'returned' }>;
type Missed = Pick<Expectation, 'text' | 'measure'>;

/**
 * Which expectations of one probe are missed, as changes. One is missed at the first window that misses it; it has
 * returned when every window over half the probe's window length has met it, so that one good look in the middle of an
 * outage does not count. Windows that cannot be judged yet change nothing.
 */
export class Cascade {
  readonly #steadyMs: number;
  readonly #baseline: ProbeWindow | undefined;
  /** By the expectation's text: since when it has been met again, or undefined while it is missed. */
  readonly #left = new Map<string, { metSince: number | undefined }>();

  constructor(spec: ProbeSpec, baseline: ProbeWindow | undefined) {
    this.#steadyMs = spec.windowMs / 2;
    this.#baseline = baseline;
  }

  look(window: ProbeWindow, at: number): readonly Change[] {
    const changes: Change[] = [];
    for (const missed of window.missed) {
      const known = this.#left.get(missed.text);
      this.#left.set(missed.text, { metSince: undefined });
      if (!known) changes.push(this.#leaving(window, missed));
    }
    if (window.judged === false) return changes;
    for (const [text, state] of this.#left) {
      if (window.missed.some((missed) => missed.text === text)) continue;
      state.metSince ??= at;
      if (at - state.metSince < this.#steadyMs) continue;
      this.#left.delete(text);
      changes.push({ kind: 'returned', probe: window.probe, expectation: text });
    }
    return changes;
  }

  #leaving(window: ProbeWindow, { text, measure }: Missed): Change {
    return {
      kind: 'left-baseline',
      probe: window.probe,
      expectation: text,
      measure,
      value: window.measures[measure] ?? Number.NaN,
      baseline: this.#baseline?.measures[measure] ?? Number.NaN,
    };
  }
}

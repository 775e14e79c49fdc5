import type { FaultCounts } from '../../core/fault.ts';

/** Counts of one fault. */
export class Tally {
  #matched = 0;
  #injected = 0;
  readonly #skipped: Record<string, number> = {};

  matched(units: number): void {
    this.#matched += units;
  }

  injected(units: number): void {
    this.#injected += units;
  }

  skipped(reason: string, units: number): void {
    if (units > 0) this.#skipped[reason] = (this.#skipped[reason] ?? 0) + units;
  }

  get counts(): FaultCounts {
    return { matched: this.#matched, injected: this.#injected, skipped: { ...this.#skipped } };
  }
}

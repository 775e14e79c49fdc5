import type { ActiveFault } from '../contract.ts';

/** Counts for each message fault, once, that it can do nothing on a connection, and why. */
export class Unread {
  readonly #faults: () => readonly ActiveFault[];
  readonly #told = new WeakSet<ActiveFault>();

  constructor(faults: () => readonly ActiveFault[]) {
    this.#faults = faults;
  }

  /** Of those in force now that were not told yet. */
  tell(reason: string): void {
    for (const fault of this.#faults()) {
      if (this.#told.has(fault)) continue;
      this.#told.add(fault);
      fault.countSkipped(reason);
    }
  }
}

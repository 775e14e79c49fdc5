/** Who did what, and how it ended; nothing of what was in it. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: string;
  /** Method and route, without the values in it: `POST /workspaces/:id/tasks`. */
  readonly action: string;
  /** The workspace or task it was done to. */
  readonly object: string | null;
  readonly status: number;
}

/** Keeps entries until the table takes them, so that no request waits for it; bounded, and it says what it dropped. */
export class AuditLog {
  readonly #store: (entries: readonly AuditEntry[]) => Promise<unknown>;
  readonly #bound: number;
  #entries: AuditEntry[] = [];
  #dropped = 0;
  #written = 0;

  constructor(store: (entries: readonly AuditEntry[]) => Promise<unknown>, bound = 10_000) {
    this.#store = store;
    this.#bound = bound;
  }

  get written(): number {
    return this.#written;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get waiting(): number {
    return this.#entries.length;
  }

  add(entry: AuditEntry): void {
    if (this.#entries.length >= this.#bound) this.#dropped++;
    else this.#entries.push(entry);
  }

  /** Writes what waits; on a failure it goes on waiting, in order. */
  async flush(): Promise<void> {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    try {
      await this.#store(entries);
      this.#written += entries.length;
    } catch (error) {
      const kept = [...entries, ...this.#entries];
      this.#dropped += Math.max(0, kept.length - this.#bound);
      this.#entries = kept.slice(0, this.#bound);
      throw error;
    }
  }
}

/** A connection that a probe keeps between measurements. */
export interface Connection {
  /** Whether it can serve another measurement. */
  readonly usable: boolean;
  /** Lets go at once, whatever is under way. */
  destroy(): void;
}

/**
 * Keeps one idle connection. Measurements that overlap do not queue behind each other on it: each gets a connection of
 * its own, so that one stalled answer is one failed sample. A connection that failed is not used again.
 */
export class Kept<C extends Connection> {
  #idle: C | undefined;
  #closed = false;
  readonly #open: (signal: AbortSignal) => Promise<C>;
  readonly #busy = new Set<C>();

  constructor(open: (signal: AbortSignal) => Promise<C>) {
    this.#open = open;
  }

  async use<T>(signal: AbortSignal, work: (connection: C) => Promise<T>): Promise<T> {
    const idle = this.#idle?.usable ? this.#idle : undefined;
    if (!idle) this.#idle?.destroy();
    this.#idle = undefined;
    const connection = idle ?? (await this.#open(signal));
    this.#busy.add(connection);
    const abandon = () => connection.destroy();
    signal.addEventListener('abort', abandon, { once: true });
    try {
      if (signal.aborted) abandon();
      const result = await work(connection);
      this.#keep(connection);
      return result;
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      this.#busy.delete(connection);
      signal.removeEventListener('abort', abandon);
    }
  }

  close(): void {
    this.#closed = true;
    this.#idle?.destroy();
    this.#idle = undefined;
    for (const connection of this.#busy) connection.destroy();
  }

  #keep(connection: C): void {
    if (this.#closed || this.#idle || !connection.usable) connection.destroy();
    else this.#idle = connection;
  }
}

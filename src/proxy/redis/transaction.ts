import { ORDINARY } from '../../protocols/redis/exchange.ts';
import type { Owed } from './owed.ts';

/** What the client is owed for a result that nobody has anything to do with. */
const RESULT: Owed = { exchange: ORDINARY, counted: false, since: 0, injected: false };

/**
 * The transaction of a connection: what its commands want done with their results, and where in the answer to EXEC the
 * server is. Each result counts as a value of its own: one that was queued may be answered by several, or change what
 * comes after it.
 */
export class Transaction {
  /** Results that are not simply handed on, by the number of their command among those queued. */
  readonly #special = new Map<number, Owed>();
  #queued = 0;
  #next = 0;
  #results = 0;
  /** A fault made a command of the transaction fail. */
  aborting = false;

  /** The answer to EXEC has begun, and not all its results are over. */
  get answering(): boolean {
    return this.#next < this.#results;
  }

  /** What the client is owed for the result that comes next; undefined outside of the answer to EXEC. */
  get head(): Owed | undefined {
    return this.answering ? (this.#special.get(this.#next) ?? RESULT) : undefined;
  }

  /** A command was queued. */
  queued({ exchange, instead, verdict }: Owed): void {
    const result = exchange?.result ?? ORDINARY;
    const acts = instead?.do === 'item' || instead?.do === 'items';
    if (acts || !result.command.ordinary) {
      const own =
        instead?.do === 'item' ? { do: 'reply' as const, bytes: instead.bytes, status: 'ok' } : instead;
      const more = acts ? { instead: own!, ...(verdict ? { verdict } : {}) } : {};
      this.#special.set(this.#queued, { ...RESULT, exchange: result, ...more });
    }
    this.#queued++;
  }

  /** EXEC is being answered with so many results. */
  begin(results: number): void {
    this.#next = 0;
    this.#results = results;
  }

  /** The result at the head is over. */
  advance(): void {
    this.#special.delete(this.#next++);
    if (!this.answering) this.over('no result');
  }

  /** There is none any more; what still wanted to act cannot, for this reason. */
  over(reason: string): void {
    for (const { verdict } of this.#special.values()) verdict?.skipped(reason);
    this.#special.clear();
    this.#queued = 0;
    this.#next = 0;
    this.#results = 0;
    this.aborting = false;
  }
}

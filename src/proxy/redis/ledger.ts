import { Fifo } from '../../faults/fifo.ts';
import { type Owed, ordinary } from './owed.ts';
import { Transaction } from './transaction.ts';

/** All that the client is owed, in the order in which it is owed it: first what is left of EXEC's answer, then each command. */
export class Ledger {
  readonly transaction = new Transaction();
  readonly #owed = new Fifo<Owed>();
  /** The last that was added. */
  #newest: Owed | undefined;

  get head(): Owed | undefined {
    return this.transaction.head ?? this.#owed.first;
  }

  /** Answers whether nothing is owed before it. */
  add(owed: Owed): boolean {
    this.#owed.push(owed);
    this.#newest = owed;
    return this.#owed.length === 1;
  }

  /** Ordinary commands that came together are owed together: for all but the first nothing is made, nor answered. */
  addOrdinary(since: number): Owed | undefined {
    const newest = this.#newest;
    if (newest?.times && newest.since === since) {
      newest.times++;
      return undefined;
    }
    const owed = ordinary(since);
    this.add(owed);
    return owed;
  }

  /** What is at the head is over; of ordinary commands that came together, so many. */
  shift(times = 1): void {
    if (this.transaction.answering) {
      this.transaction.advance();
      return;
    }
    const head = this.#owed.first;
    if (head?.times !== undefined && head.times > times) {
      head.times -= times;
      head.firstAt = undefined;
      return;
    }
    this.#owed.shift();
    if (this.#owed.length === 0) this.#newest = undefined;
  }

  /** Takes out all that is still owed for commands. */
  *drain(): Generator<Owed> {
    this.#newest = undefined;
    for (let owed = this.#owed.shift(); owed; owed = this.#owed.shift()) yield owed;
  }
}

import type { Ending } from '../../faults/contract.ts';
import type { SessionContext } from '../session.ts';
import type { Pending } from './ledger.ts';

/** How much of an answer is kept, to be given after all if the statement fails in the end. */
const MOST = 64 * 1024;

export interface Losing {
  readonly how: Ending;
  injected(): void;
  skipped(reason: string): void;
}

/** An answer that the client is never to get, if it tells of success. */
export class LostAnswer {
  readonly kind = 'lose';
  readonly unit: Pending;
  readonly #context: SessionContext;
  readonly #losing: Losing;
  #kept: Buffer[] = [];
  #size = 0;
  #over = false;

  constructor(context: SessionContext, unit: Pending, losing: Losing) {
    this.#context = context;
    this.unit = unit;
    this.#losing = losing;
  }

  /** How much of a message of this length is to be shown whole. */
  get room(): number {
    return MOST - this.#size;
  }

  /** A message of the answer; undefined where it is too long to be kept. */
  keep(message: Buffer | undefined): void {
    if (!message) {
      this.#size = MOST;
      return;
    }
    this.#kept.push(Buffer.from(message));
    this.#size += message.length;
  }

  /** The server has done it all: the answer is lost with the connection. */
  lose(): void {
    if (this.#over) return;
    this.#over = true;
    this.unit.injected = true;
    this.#losing.injected();
    this.#context.close(this.#losing.how);
  }

  /** There is nothing to lose: what was kept back goes to the client. */
  giveBack(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#losing.skipped(reason);
    this.tell();
  }

  /** What was kept back so far goes to the client, which waits for it before the server can be done. */
  tell(): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const message of kept) this.#context.toClient(message);
  }

  get over(): boolean {
    return this.#over;
  }
}

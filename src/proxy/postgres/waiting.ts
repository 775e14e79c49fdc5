import type { Framer } from '../../protocols/postgres/framer.ts';
import type { SessionContext } from '../session.ts';

/** How much may wait before the client is read no further. */
const MOST = 64 * 1024;

/** What a client sent and a framer has not taken yet, in order. */
export class Waiting {
  readonly #framer: Framer;
  readonly #context: SessionContext;
  #chunks: Buffer[] = [];
  #size = 0;
  #stopped = false;
  #resuming = false;
  #ended = false;
  #wanted = false;
  #paused = false;

  constructor(framer: Framer, context: SessionContext) {
    this.#framer = framer;
    this.#context = context;
  }

  push(chunk: Buffer): void {
    if (this.#stopped || this.#resuming) {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
    } else this.#take(chunk);
    this.#watch();
  }

  end(): void {
    this.#ended = true;
    if (!this.#stopped && !this.#resuming) this.#passEnd();
  }

  /** Offers again what was not taken. */
  resume(): void {
    if (!this.#stopped || this.#resuming) return;
    this.#resuming = true;
    this.#stopped = false;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    for (const chunk of chunks) {
      if (this.#stopped) this.#keep(chunk);
      else this.#take(chunk);
    }
    this.#resuming = false;
    this.#watch();
    if (this.#ended && !this.#stopped) this.#passEnd();
  }

  /** Reads the client no further, whatever waits. */
  pause(paused: boolean): void {
    this.#wanted = paused;
    this.#watch();
  }

  /** A message that breaks off is none: what there is of it goes as it came. */
  #passEnd(): void {
    this.#framer.letGo();
    this.#context.toServerEnd();
  }

  #take(chunk: Buffer): void {
    const rest = this.#framer.push(chunk);
    if (rest === undefined) return;
    this.#stopped = true;
    this.#keep(rest);
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  #watch(): void {
    const paused = this.#wanted || this.#size > MOST;
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#context.pause('client', paused);
  }
}

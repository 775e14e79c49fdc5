import type { Clock } from '../core/clock.ts';
import type { Attributes } from '../core/fault.ts';
import type { BytesBehaviour, BytesContext, BytesFault, Ending } from '../faults/contract.ts';
import type { Draw, FaultInForce } from './active-fault.ts';

/** Takes bytes in order, then their end. */
export interface Receiver {
  push(chunk: Buffer): void;
  end(): void;
}

export interface StageOptions {
  readonly fault: FaultInForce;
  readonly draw: Draw;
  readonly opened: 'before' | 'after';
  readonly clock: Clock;
  /** It holds more or fewer bytes than before. */
  readonly moved: () => void;
  /** It wants the connection closed. */
  readonly close: (stage: Stage, how: Ending) => void;
  readonly injected: () => void;
}

/** One bytes fault at work on one stream of one connection. */
export class Stage implements Receiver {
  next!: Receiver;
  readonly fault: FaultInForce;
  readonly draw: Draw;
  readonly #behaviour: BytesBehaviour;
  readonly #clock: Clock;
  readonly #moved: () => void;
  #heldSince: number | undefined;
  #ended = false;
  #endPassed = false;
  #shut = false;

  constructor({ fault, draw, opened, clock, moved, close, injected }: StageOptions) {
    this.fault = fault;
    this.draw = draw;
    this.#clock = clock;
    this.#moved = moved;
    const context: BytesContext<Attributes> = {
      clock,
      opened,
      get attributes() {
        return fault.attributes;
      },
      random: () => draw.random(),
      shared: (key, make) => fault.shared(key, make),
      emit: (chunk) => this.#emit(chunk),
      emitEnd: () => this.#emitEnd(),
      close: (how) => {
        if (this.#shut) return;
        injected();
        close(this, how);
      },
      injected,
    };
    this.#behaviour = (fault.definition as BytesFault).create(context);
  }

  push(chunk: Buffer): void {
    if (this.#shut || this.#ended) return;
    this.#behaviour.push(chunk);
    this.#watch();
  }

  end(): void {
    if (this.#shut || this.#ended) return;
    this.#ended = true;
    this.#behaviour.end();
    this.#watch();
  }

  updated(): void {
    if (!this.#shut) this.#behaviour.updated?.();
  }

  /** Lets go of all it holds; answers whether bytes were lost, so that the connection cannot go on. */
  release(): boolean {
    if (this.#shut) return false;
    try {
      this.#behaviour.release();
      return this.#behaviour.spoiled === true;
    } catch {
      // Taking back must reach every other connection, whatever becomes of this one.
      return true;
    } finally {
      this.#shut = true;
    }
  }

  /** Drops what it holds: the connection is at its end. */
  discard(): void {
    if (this.#shut) return;
    this.#shut = true;
    this.#behaviour.release();
    this.#heldSince = undefined;
  }

  /** Bytes it holds now. */
  get held(): number {
    return this.#shut ? 0 : this.#behaviour.held;
  }

  get full(): boolean {
    return !this.#shut && this.#behaviour.held > this.#behaviour.capacity;
  }

  /** Since when it has held bytes or the end of the stream without a pause; undefined when it holds nothing. */
  get heldSince(): number | undefined {
    return this.#heldSince;
  }

  #emit(chunk: Buffer): void {
    if (this.#shut || this.#endPassed) return;
    this.next.push(chunk);
    this.#watch();
  }

  #emitEnd(): void {
    if (this.#shut || this.#endPassed) return;
    this.#endPassed = true;
    this.next.end();
    this.#watch();
  }

  #watch(): void {
    const holds = this.#behaviour.held > 0 || (this.#ended && !this.#endPassed);
    if (!holds) this.#heldSince = undefined;
    else this.#heldSince ??= this.#clock.now();
    this.#moved();
  }
}

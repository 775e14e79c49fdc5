import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Stream } from '../core/fault.ts';
import type { Ending } from '../faults/contract.ts';
import type { Draw, FaultInForce } from './active-fault.ts';
import type { Side } from './link-end.ts';
import type { LinkMeter } from './meter.ts';
import { Pump } from './pump.ts';
import { Stage } from './stage.ts';

export interface LinkOptions {
  readonly id: number;
  readonly client: Socket;
  /** The client's address. */
  readonly address: string;
  /** Opens the other side; it may still be connecting. */
  readonly dial: (address: string) => Side;
  readonly clock: Clock;
  readonly meter: LinkMeter;
  /** Both sides are closed. */
  readonly closed: (link: Link) => void;
}

/** How long the upstream may take to accept a connection. */
const CONNECT_MS = 10_000;
/** How long a reset waits for a peer that does not read the bytes before it. */
const FLUSH_MS = 5_000;
/**
 * How long a reset waits after the last byte before it. Right behind data, a reset is often taken for an end (libuv reports
 * end-of-file when a short read and a hang-up come together), and the peer's system may drop the data.
 */
const RESET_GRACE_MS = 20;

interface Judged {
  readonly draw: Draw;
  readonly opened: 'before' | 'after';
  stage?: Stage | undefined;
}

/**
 * One accepted connection:
 *
 *     client ──▶ upstream pump   [bytes faults] ──▶ upstream socket, or far end of the HTTP side
 *            ◀── downstream pump [bytes faults] ◀──
 *
 * It is there from the moment of its acceptance; `start` dials. Until then nothing is read.
 */
export class Link {
  readonly id: number;
  readonly address: string;
  readonly openedAt: number;
  readonly bytes = { up: 0, down: 0 };
  readonly #options: LinkOptions;
  readonly #client: Side;
  readonly #judged = new Map<FaultInForce, Judged>();
  #far: Side | undefined;
  #pumps: Readonly<Record<Stream, Pump>> | undefined;
  #faults: readonly FaultInForce[] = [];
  #freezes = 0;
  #open = 1;
  #closing = false;
  #broken = false;
  #reset = false;
  #injected = false;
  #connectTimer: (() => void) | undefined;
  readonly #timers: (() => void)[] = [];

  constructor(options: LinkOptions) {
    this.#options = options;
    this.id = options.id;
    this.address = options.address;
    this.openedAt = options.clock.now();
    this.#client = options.client as unknown as Side;
    this.#watch(this.#client);
  }

  get ended(): boolean {
    return this.#closing;
  }

  /** Since when a fault has held something of this connection. */
  get heldSince(): number | undefined {
    let since: number | undefined;
    for (const { stage } of this.#judged.values()) {
      const own = stage?.heldSince;
      if (own !== undefined && (since === undefined || own < since)) since = own;
    }
    return since;
  }

  /** Dials, and lets bytes flow once connected. */
  start(): void {
    if (this.#far || this.#closing || this.#client.destroyed) return;
    const { dial, clock, address } = this.#options;
    const far = dial(address);
    this.#far = far;
    this.#open++;
    this.#watch(far);
    if (!far.connecting) {
      this.#connected();
      return;
    }
    far.once('connect', () => this.#connected());
    this.#connectTimer = clock.after(CONNECT_MS, () => far.destroy());
  }

  /** Bytes faults in force, in order; `opened` says whether this connection was there before those that are new. */
  setFaults(faults: readonly FaultInForce[], opened: 'before' | 'after'): void {
    this.#faults = faults;
    for (const fault of faults) {
      if (this.#judged.has(fault)) continue;
      const draw = fault.draw({ client: this.address });
      if (draw) this.#judged.set(fault, { draw, opened });
    }
    this.#stage();
    for (const fault of this.#judged.keys()) if (!faults.includes(fault)) this.#judged.delete(fault);
  }

  /** Values of these faults changed. */
  refresh(changed: ReadonlySet<FaultInForce>): void {
    this.#stage();
    for (const fault of changed) this.#judged.get(fault)?.stage?.updated();
  }

  /** Stops reading both ways until the answer is called. */
  freeze(): () => void {
    this.#freezes++;
    this.#applyFreeze();
    let frozen = true;
    return () => {
      if (!frozen) return;
      frozen = false;
      this.#freezes--;
      this.#applyFreeze();
    };
  }

  /** A fault acted on this connection. */
  markInjected(): void {
    this.#injected = true;
  }

  /** Closes both sides on behalf of a fault, after what was emitted has left. */
  cutByFault(how: Ending): void {
    this.#injected = true;
    this.#broken = true;
    this.#close(how);
  }

  /** Closes both sides at once. */
  destroy(): void {
    this.#closing = true;
    this.#client.destroy();
    this.#far?.destroy();
  }

  #connected(): void {
    this.#connectTimer?.();
    this.#connectTimer = undefined;
    const [client, far] = [this.#client, this.#far!];
    if (this.#closing) return;
    const done = () => this.#pumpDone();
    const cut = (how: Ending) => this.#close(how);
    const { meter } = this.#options;
    const up = (bytes: number) => {
      this.bytes.up += bytes;
      meter.up(bytes);
    };
    const down = (bytes: number) => {
      if (this.bytes.down === 0) meter.firstByte(this.#options.clock.now() - this.openedAt, this.#injected);
      this.bytes.down += bytes;
      meter.down(bytes);
    };
    this.#pumps = {
      upstream: new Pump({ source: client, sink: far, delivered: up, done, cut }),
      downstream: new Pump({ source: far, sink: client, delivered: down, done, cut }),
    };
    this.#applyFreeze();
    this.#stage();
    this.#pumps.upstream.start();
    this.#pumps.downstream.start();
  }

  /** Makes the stages of each stream those of the faults that hit this connection now. */
  #stage(): void {
    if (!this.#pumps || this.#closing) return;
    for (const stream of ['upstream', 'downstream'] as const) {
      const pump = this.#pumps[stream];
      const stages: Stage[] = [];
      for (const fault of this.#faults) {
        const judged = fault.stream === stream ? this.#judged.get(fault) : undefined;
        if (!judged) continue;
        judged.stage = judged.draw.hit ? (judged.stage ?? this.#newStage(pump, fault, judged)) : undefined;
        if (judged.stage) stages.push(judged.stage);
      }
      if (stages.length === 0 && pump.stages.length === 0) continue;
      if (pump.setStages(stages)) {
        this.#broken = true;
        pump.cut('fin');
      }
    }
  }

  #newStage(pump: Pump, fault: FaultInForce, { draw, opened }: Judged): Stage {
    return new Stage({
      fault,
      draw,
      opened,
      clock: this.#options.clock,
      moved: () => pump.stagesMoved(),
      injected: () => {
        this.#injected = true;
        draw.injected();
      },
      close: (stage, how) => {
        this.#broken = true;
        this.#preempt(fault);
        pump.cut(how, stage);
      },
    });
  }

  /** The connection ends by `winner`: what comes after it in order, and has not acted yet, never will. */
  #preempt(winner: FaultInForce): void {
    for (const fault of this.#faults.slice(this.#faults.indexOf(winner) + 1)) {
      const draw = this.#judged.get(fault)?.draw;
      if (draw?.hit && !draw.wasInjected) draw.skipped('preempted');
    }
  }

  #applyFreeze(): void {
    this.#pumps?.upstream.freeze(this.#freezes > 0);
    this.#pumps?.downstream.freeze(this.#freezes > 0);
  }

  #pumpDone(): void {
    if (this.#closing || !this.#pumps) return;
    const { upstream, downstream } = this.#pumps;
    if (upstream.done && downstream.done) this.#close('fin');
  }

  #close(how: Ending): void {
    if (this.#closing) return;
    this.#closing = true;
    if (how === 'rst') this.#reset = true;
    this.#pumps?.upstream.kill();
    this.#pumps?.downstream.kill();
    for (const side of [this.#client, this.#far]) if (side && !side.destroyed) this.#finish(side, how);
  }

  #finish(side: Side, how: Ending): void {
    if (side.connecting) {
      side.destroy();
      return;
    }
    // What nobody reads is read here: closing a socket with unread data sends a reset, which would overtake the FIN.
    side.resume();
    if (how === 'fin') {
      side.destroySoon();
      return;
    }
    const { clock } = this.#options;
    const reset = () => void side.resetAndDestroy();
    const flushed = () => {
      if (side.bytesWritten) this.#timers.push(clock.after(RESET_GRACE_MS, reset));
      else reset();
    };
    if (side.writableLength === 0) flushed();
    else if (side.writableEnded) side.once('finish', flushed);
    else side.write(Buffer.alloc(0), flushed);
    this.#timers.push(clock.after(FLUSH_MS, () => side.destroy()));
  }

  #watch(side: Side): void {
    let failure: NodeJS.ErrnoException | undefined;
    side.on('error', (error) => {
      failure = error;
    });
    side.once('close', () => this.#sideClosed(side, failure));
  }

  #sideClosed(side: Side, failure: NodeJS.ErrnoException | undefined): void {
    this.#open--;
    if (failure?.code === 'ECONNRESET') this.#reset = true;
    if (!this.#closing) {
      const fromUpstream = side === this.#far;
      if (fromUpstream && (failure || !this.#pumps)) this.#broken = true;
      if (this.#pumps) {
        const { upstream, downstream } = this.#pumps;
        const [reading, writing] = fromUpstream ? [downstream, upstream] : [upstream, downstream];
        writing.kill();
        reading.cut(failure ? 'rst' : 'fin');
      } else this.#close('fin');
    }
    if (this.#open === 0) this.#closed();
  }

  #closed(): void {
    this.#connectTimer?.();
    for (const cancel of this.#timers) cancel();
    const { meter, closed } = this.#options;
    this.#pumps?.upstream.kill();
    this.#pumps?.downstream.kill();
    meter.closed({ reset: this.#reset, broken: this.#broken, injected: this.#injected });
    closed(this);
  }
}

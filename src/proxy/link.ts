import type { Clock } from '../core/clock.ts';
import type { Stream } from '../core/fault.ts';
import type { Ending } from '../faults/contract.ts';
import type { FaultInForce } from './active-fault.ts';
import { endSide } from './ending.ts';
import type { Side } from './link-end.ts';
import type { LinkMeter } from './meter.ts';
import { Pump } from './pump.ts';
import { type SessionHost, SessionSeat } from './session-seat.ts';
import { Staging } from './staging.ts';
import type { Security } from './tls/index.ts';
import { inTurns } from './turns.ts';

/** What becomes of an accepted connection; where two links carry it, they share it. */
export interface Course {
  /** By the clock, when it was accepted. */
  readonly openedAt: number;
  /** A fault acted on it. */
  injected: boolean;
  /** It ended otherwise than by its two sides' will. */
  broken: boolean;
}

export interface LinkOptions {
  readonly id: number;
  readonly client: Side;
  /** The client's address. */
  readonly address: string;
  /** Opens the other side; it may still be connecting. */
  readonly dial: (course: Course) => Side;
  /** TLS, begun on each side once the upstream has accepted. */
  readonly security?: Security;
  /** The upstream has accepted, and speaks TLS where it is to. */
  readonly reached?: () => void;
  readonly course?: Course;
  readonly clock: Clock;
  readonly meter: LinkMeter;
  /** Where the protocol has units smaller than a connection. */
  readonly session?: SessionHost | undefined;
  /** Both sides are closed. */
  readonly closed: (link: Link) => void;
}

/** How long the upstream may take to accept a connection. */
const CONNECT_MS = 10_000;

function timedOut(): Error {
  return Object.assign(new Error('the upstream took too long'), { code: 'ETIMEDOUT' });
}

/**
 * One accepted connection:
 *
 *     client ──▶ upstream pump   [bytes faults] ──▶ (session) ──▶ upstream socket, or far end of the HTTP side
 *            ◀── downstream pump [bytes faults] ◀── (session) ◀──
 *
 * It is there from the moment of its acceptance; `start` dials. Until then nothing is read.
 */
export class Link {
  readonly id: number;
  readonly address: string;
  readonly bytes = { up: 0, down: 0 };
  readonly #options: LinkOptions;
  readonly #course: Course;
  #client: Side;
  readonly #staging: Staging;
  #far: Side | undefined;
  #pumps: Readonly<Record<Stream, Pump>> | undefined;
  #seat: SessionSeat | undefined;
  #freezes = 0;
  #openSides = 1;
  #closing = false;
  #reset = false;
  #connectTimer: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.id = options.id;
    this.address = options.address;
    this.#course = options.course ?? { openedAt: options.clock.now(), injected: false, broken: false };
    this.#client = options.client;
    this.#staging = new Staging({
      address: options.address,
      clock: options.clock,
      injected: () => this.markInjected(),
      moved: (stream) => this.#pumps?.[stream].stagesMoved(),
      cut: (stage, how) => {
        this.#course.broken = true;
        this.#pumps?.[stage.fault.stream].cut(how, stage);
      },
    });
    this.#watch(this.#client);
  }

  get openedAt(): number {
    return this.#course.openedAt;
  }

  get ended(): boolean {
    return this.#closing;
  }

  /** Since when a fault has held something of this connection. */
  get heldSince(): number | undefined {
    return this.#staging.heldSince;
  }

  /** Dials, and lets bytes flow once connected. */
  start(): void {
    if (this.#far || this.#closing || this.#client.destroyed) return;
    const { dial, clock } = this.#options;
    const far = dial(this.#course);
    this.#far = far;
    this.#openSides++;
    this.#watch(far);
    if (!far.connecting) {
      this.#dialled(far);
      return;
    }
    far.once('connect', () => this.#dialled(far));
    this.#connectTimer = clock.after(CONNECT_MS, () => far.destroy(timedOut()));
  }

  /** Bytes faults in force, in order; `opened` says whether this connection was there before those that are new. */
  setFaults(faults: readonly FaultInForce[], opened: 'before' | 'after'): void {
    this.#staging.setFaults(faults, opened);
    this.#stage();
  }

  /** Values of these faults changed. */
  refresh(changed: ReadonlySet<FaultInForce>): void {
    this.#stage();
    this.#staging.updated(changed);
    this.messagesChanged();
  }

  /** Message faults came or went, or their values changed. */
  messagesChanged(): void {
    this.#seat?.faultsChanged();
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
    this.#course.injected = true;
  }

  /** Closes both sides on behalf of a listener fault, after what was handed to them has left. */
  cutByFault(how: Ending): void {
    this.#course.injected = true;
    this.#course.broken = true;
    this.#staging.preempt();
    this.#close(how);
  }

  /** Closes both sides at once. */
  destroy(): void {
    this.#closing = true;
    this.#client.destroy();
    this.#far?.destroy();
  }

  #dialled(far: Side): void {
    const { upstream } = this.#options.security ?? {};
    if (!upstream) {
      this.#reached(far);
      return;
    }
    upstream(far, (secured) => {
      this.#far = this.#inPlaceOf(far, secured);
      this.#reached(secured);
    });
  }

  #reached(far: Side): void {
    this.#connectTimer?.();
    this.#connectTimer = undefined;
    if (this.#closing) return;
    const { security, reached } = this.#options;
    reached?.();
    if (!security?.client) {
      this.#connected(this.#client, far);
      return;
    }
    security.client(this.#client, (secured) => {
      this.#client = this.#inPlaceOf(this.#client, secured);
      this.#connected(secured, far);
    });
  }

  #inPlaceOf(plain: Side, secured: Side): Side {
    if (secured === plain) return plain;
    this.#openSides++;
    this.#watch(secured);
    return secured;
  }

  #connected(client: Side, far: Side): void {
    if (this.#closing) return;
    const { meter, clock } = this.#options;
    const done = () => this.#pumpDone();
    const cut = (how: Ending) => this.#close(how);
    const up = (bytes: number) => {
      this.bytes.up += bytes;
      meter.up(bytes);
    };
    const down = (bytes: number) => {
      if (this.bytes.down === 0) meter.firstByte(clock.now() - this.openedAt, this.#course.injected);
      this.bytes.down += bytes;
      meter.down(bytes);
    };
    const seat = this.#newSeat();
    const tail = seat && { tail: seat.fromClient };
    const head = seat && { head: seat.fromServer, moved: () => seat.moved() };
    this.#pumps = {
      upstream: new Pump({ source: client, sink: far, delivered: up, done, cut, ...tail }),
      downstream: new Pump({ source: far, sink: client, delivered: down, done, cut, ...head }),
    };
    this.#seat = seat;
    this.#applyFreeze();
    this.#stage();
    this.#pumps.upstream.start();
    this.#pumps.downstream.start();
  }

  #newSeat(): SessionSeat | undefined {
    const { session, clock, address } = this.#options;
    if (!session) return undefined;
    return new SessionSeat({
      host: session,
      clock,
      address,
      pumps: () => this.#pumps!,
      injected: () => this.markInjected(),
      close: (how) => this.#closeBySession(how),
      abandon: () => this.destroy(),
    });
  }

  /** What was sent to the client may still be on its way through the stages. */
  #closeBySession(how: Ending): void {
    if (!this.#pumps || this.#closing) return;
    const { upstream, downstream } = this.#pumps;
    this.#course.broken = true;
    upstream.hold(true);
    if (downstream.done) this.#close(how);
    else downstream.cut(how);
  }

  /** Makes the stages of each stream those of the faults that hit this connection now. */
  #stage(): void {
    if (!this.#pumps || this.#closing) return;
    for (const stream of ['upstream', 'downstream'] as const) {
      const pump = this.#pumps[stream];
      const stages = this.#staging.stages(stream);
      if (stages.length === 0 && pump.stages.length === 0) continue;
      if (!pump.setStages(stages)) continue;
      this.#course.broken = true;
      pump.cut('fin');
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
    inTurns(() => {
      endSide(this.#client, how, this.#options.clock);
      if (this.#far) endSide(this.#far, how, this.#options.clock);
    });
  }

  #watch(side: Side): void {
    let failure: NodeJS.ErrnoException | undefined;
    side.on('error', (error) => {
      failure = error;
    });
    side.once('close', () => this.#sideClosed(side, failure));
  }

  #sideClosed(side: Side, failure: NodeJS.ErrnoException | undefined): void {
    this.#openSides--;
    if (failure?.code === 'ECONNRESET') this.#reset = true;
    // A side that carries TLS closes with what it carries.
    if (!this.#closing && (side === this.#client || side === this.#far)) {
      const isUpstream = side === this.#far;
      if (!isUpstream) this.#seat?.clientGone();
      if (isUpstream && (failure || !this.#pumps)) this.#course.broken = true;
      if (this.#pumps) {
        const { upstream, downstream } = this.#pumps;
        const [reading, writing] = isUpstream ? [downstream, upstream] : [upstream, downstream];
        writing.kill();
        reading.cut(failure ? 'rst' : 'fin');
      } else this.#close('fin');
    }
    if (this.#openSides === 0) this.#closed();
  }

  #closed(): void {
    this.#connectTimer?.();
    this.#pumps?.upstream.kill();
    this.#pumps?.downstream.kill();
    this.#seat?.closed();
    const { meter, closed } = this.#options;
    const made = this.#pumps !== undefined;
    const { broken, injected } = this.#course;
    meter.closed({ reset: this.#reset, broken, injected, made });
    closed(this);
  }
}

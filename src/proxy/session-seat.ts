import type { Clock } from '../core/clock.ts';
import type { Ending } from '../faults/contract.ts';
import type { ClientWatch } from './clients/watch.ts';
import type { ActiveFault, ProxyMeter } from './contract.ts';
import type { Pump } from './pump.ts';
import type { Denial, ProtocolSession, SessionContext } from './session.ts';
import type { Receiver } from './stage.ts';

/** What a proxy gives the sessions of its connections. */
export interface SessionHost {
  readonly create: (context: SessionContext) => ProtocolSession;
  readonly meter: ProxyMeter;
  readonly clients?: ClientWatch;
  faults(): readonly ActiveFault[];
  denial?(): Denial | undefined;
  shared<T>(key: string, make: () => T): T;
  /** A session failed; its connection is closed. */
  failed(error: unknown): void;
}

export interface SeatOptions {
  readonly host: SessionHost;
  readonly clock: Clock;
  /** The client's address. */
  readonly address: string;
  /** The pumps on both sides of the session, once there are any. */
  readonly pumps: () => { readonly upstream: Pump; readonly downstream: Pump };
  readonly injected: () => void;
  /** Both pumps are to end, and the connection with them. */
  readonly close: (how: Ending) => void;
  /** The session failed: what it would have done next is not known. */
  readonly abandon: () => void;
}

/**
 * How much of what was made for a client may wait for it before its requests are read no further: answers of the server
 * push back by themselves, but those that a session makes would pile up for a client that only asks.
 */
const UNREAD_ANSWERS = 2 ** 20;

/** Where the session of one connection sits: behind the bytes faults of the upstream pump, before those of the other. */
export class SessionSeat {
  readonly fromClient: Receiver;
  readonly fromServer: Receiver;
  readonly #options: SeatOptions;
  readonly #session: ProtocolSession;
  #over = false;

  constructor(options: SeatOptions) {
    const { host, clock, address, pumps, injected, close } = options;
    this.#options = options;
    const session = host.create({
      clock,
      client: address,
      meter: host.meter,
      ...(host.clients ? { clients: host.clients } : {}),
      faults: host.faults,
      toServer: (chunk) => {
        if (!this.#over) pumps().upstream.leave.push(chunk);
      },
      toServerEnd: () => {
        if (!this.#over) pumps().upstream.leave.end();
      },
      toClient: (chunk) => {
        if (this.#over) return;
        pumps().downstream.enter.push(chunk);
        this.moved();
      },
      toClientEnd: () => {
        if (!this.#over) pumps().downstream.enter.end();
      },
      close: (how) => {
        if (this.#over) return;
        this.#over = true;
        close(how);
      },
      pause: (side, paused) => pumps()[side === 'client' ? 'upstream' : 'downstream'].hold(paused),
      injected,
      ...(host.denial ? { denial: host.denial } : {}),
      shared: host.shared,
    });
    this.#session = session;
    // The pumps are there at the end of this tick.
    if (session.opened) queueMicrotask(() => this.#over || this.#guard(() => session.opened!()));
    this.fromClient = this.#guarded({
      push: (chunk) => session.client(chunk),
      end: () => session.clientEnd(),
    });
    this.fromServer = this.#guarded({
      push: (chunk) => session.server(chunk),
      end: () => session.serverEnd(),
    });
  }

  /** What waits for the client changed. */
  moved(): void {
    const { upstream, downstream } = this.#options.pumps();
    upstream.waitForReader(downstream.backlog > UNREAD_ANSWERS);
  }

  faultsChanged(): void {
    if (!this.#over) this.#guard(() => this.#session.faultsChanged());
  }

  clientGone(): void {
    if (!this.#over) this.#guard(() => this.#session.clientGone?.());
  }

  closed(): void {
    this.#over = true;
    this.#guard(() => this.#session.closed());
  }

  #guarded({ push, end }: Receiver): Receiver {
    return {
      push: (chunk) => {
        if (this.#over) return;
        try {
          push(chunk);
        } catch (error) {
          this.#fail(error);
        }
      },
      end: () => {
        if (!this.#over) this.#guard(end);
      },
    };
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  // One connection that cannot be understood must not take the data plane, and every other one, with it.
  #fail(error: unknown): void {
    this.#over = true;
    this.#options.host.failed(error);
    this.#options.abandon();
  }
}

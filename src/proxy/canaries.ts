import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { ProxyMeter } from './contract.ts';
import { plainAddress } from './host-port.ts';
import type { LinkMeter } from './meter.ts';

/** How long a canary may take to come. */
const AWAITED_MS = 5000;
const LOOPBACK = /^127\.|^::1$/;

/**
 * Canaries that a controller has announced by the port they come from. Each is believed once, in time, and only from this
 * machine: whoever could come from there as well would hide its traffic from observations.
 */
export class Canaries {
  readonly #clock: Clock;
  /** Until when each port is awaited. */
  readonly #awaited = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  expect(port: number): void {
    const now = this.#clock.now();
    for (const [old, until] of this.#awaited) if (until < now) this.#awaited.delete(old);
    this.#awaited.set(port, now + AWAITED_MS);
  }

  takes({ remoteAddress, remotePort, localAddress }: Socket): boolean {
    if (this.#awaited.size === 0) return false;
    const until = this.#awaited.get(remotePort ?? 0);
    const here = remoteAddress === localAddress || LOOPBACK.test(plainAddress(remoteAddress));
    if (until === undefined || !here) return false;
    this.#awaited.delete(remotePort!);
    return until >= this.#clock.now();
  }
}

/** Counts nothing. */
export const UNCOUNTED: ProxyMeter & LinkMeter = {
  unit() {},
  answered() {},
  retry() {},
  sentOn() {},
  hold: () => () => {},
  up() {},
  down() {},
  firstByte() {},
  closed() {},
};

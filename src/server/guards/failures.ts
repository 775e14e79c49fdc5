import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { FaultlineError } from '../../core/errors.ts';

/** Wrong tokens that one client may send within a minute before it is not listened to for the rest of it. */
const MOST = 10;
/** Wrong tokens of all clients within a minute that are written down one by one: a flood of them must not fill the disk. */
const MOST_RECORDED = 100;
const WINDOW_MS = 60_000;
const CLIENTS = 10_000;

interface Window {
  count: number;
  readonly until: number;
}

/** Slows down whoever guesses: without it a token could be tried some thousand times a second. */
export class FailedLogins {
  readonly #failures = new LRUCache<string, Window>({ max: CLIENTS });
  readonly #now: () => number;
  #all: Window = { count: 0, until: 0 };

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @throws FaultlineError TOO_MANY_FAILURES */
  check(address: string): void {
    const known = this.#failures.get(clientOf(address));
    if (!known || known.count < MOST) return;
    const leftMs = known.until - this.#now();
    if (leftMs > 0) throw new FaultlineError('TOO_MANY_FAILURES', { seconds: Math.ceil(leftMs / 1000) });
  }

  /** A right token in between changes nothing: who has one could else guess at another for ever. @returns whether it is to be recorded */
  failed(address: string): boolean {
    const client = clientOf(address);
    this.#failures.set(client, this.#counted(this.#failures.get(client)));
    this.#all = this.#counted(this.#all);
    return this.#all.count <= MOST_RECORDED;
  }

  #counted(window: Window | undefined): Window {
    if (!window || window.until <= this.#now()) return { count: 1, until: this.#now() + WINDOW_MS };
    return { ...window, count: window.count + 1 };
  }
}

/** An address; of IPv6 its network, since one client has 2^64 addresses in it. */
function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [before = '', after] = address.split('%')[0]!.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail]
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIP, type Server, type Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { ANY, formatAddress, parseHostPort } from './host-port.ts';
import { takePlace } from './open-files.ts';

export interface ListenerOptions {
  /** `host:port`; port 0 takes a free one, and keeps it. Empty for a free one on all interfaces. */
  readonly listen: string;
  readonly clock: Clock;
  readonly accept: (socket: Socket) => void;
}

/** How long to wait before trying again to take back a port. */
const RETRY_MS = 1000;

/** A port that can be closed and taken back. */
export class Listener {
  readonly #options: ListenerOptions;
  #address: string;
  #server: Server | undefined;
  #wanted = false;
  #error: string | undefined;
  #retry: (() => void) | undefined;
  /** The attempt under way: two at once would be in each other's way. */
  #opening: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#address = options.listen;
  }

  /** The address that was really taken, once it was. */
  get address(): string {
    return this.#address;
  }

  get listening(): boolean {
    return this.#server !== undefined;
  }

  /** Why the port could not be taken; undefined while it is open or meant to be closed. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Opens the port; rejects with the system's error where it cannot. */
  async open(): Promise<void> {
    this.#wanted = true;
    this.#retry?.();
    while (this.#wanted && !this.#server) {
      this.#opening ??= this.#take().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
  }

  /** Opens the port and goes on trying until it is open or `close` is called; `error` tells how it stands. */
  keepOpen(): void {
    this.open().catch((error: Error) => {
      if (!this.#wanted || this.#server) return;
      this.#error = error.message;
      this.#retry?.();
      this.#retry = this.#options.clock.after(RETRY_MS, () => this.keepOpen());
    });
  }

  /** Closes the port, in this very tick; connections that it accepted are not its matter. */
  close(): void {
    this.#wanted = false;
    this.#error = undefined;
    this.#retry?.();
    this.#retry = undefined;
    this.#server?.close();
    this.#server = undefined;
  }

  #admit(socket: Socket): void {
    const leave = takePlace();
    if (!leave) {
      socket.destroy();
      return;
    }
    socket.once('close', leave);
    this.#options.accept(socket);
  }

  async #take(): Promise<void> {
    const { host, port } = parseHostPort(this.#address || ANY, 'listen');
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    server.on('connection', (socket) => this.#admit(socket));
    server.listen({ port, ...(host === '' ? {} : { host: await resolve(host) }) });
    await once(server, 'listening');
    // A failed accept (too many open files) concerns one connection; the port stays open for the next.
    server.on('error', () => {});
    if (!this.#wanted) {
      server.close();
      return;
    }
    this.#address = formatAddress(server.address() as AddressInfo);
    this.#server = server;
    this.#error = undefined;
  }
}

/** IPv4 first, as Toxiproxy does it, so that `localhost` is where clients look for it. */
async function resolve(host: string): Promise<string> {
  if (host === '' || isIP(host)) return host;
  const found = await lookup(host, { family: 4 }).catch(() => lookup(host));
  return found.address;
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** One end of a connection: what it received, when, and how the other side ended. */
export class Peer {
  readonly socket: Socket;
  readonly pieces: { readonly size: number; readonly at: number }[] = [];
  received = '';
  ended: 'FIN' | 'RST' | undefined;
  endedAt = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.pieces.push({ size: chunk.length, at: performance.now() });
    });
    socket.on('end', () => this.#end('FIN'));
    socket.on('error', () => this.#end('RST'));
  }

  static async to(address: string): Promise<Peer> {
    const [host, port] = address.split(/:(?=\d+$)/) as [string, string];
    const socket = connect({
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      allowHalfOpen: true,
    });
    const peer = new Peer(socket);
    await once(socket, 'connect');
    return peer;
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Milliseconds until it has received so many bytes in all, or the number that it got within `limit`, as a text. */
  async got(bytes: number, limit = 5000): Promise<number | string> {
    const began = performance.now();
    while (this.received.length < bytes && this.ended === undefined) {
      if (performance.now() - began > limit) return `only ${this.received.length} bytes in ${limit} ms`;
      await wait(2);
    }
    if (this.received.length < bytes) return `${this.ended} after ${this.received.length} bytes`;
    return performance.now() - began;
  }

  /** Milliseconds until the other side ended, or a text that says that it did not. */
  async closed(limit = 5000): Promise<number | string> {
    const began = performance.now();
    while (this.ended === undefined) {
      if (performance.now() - began > limit) return `open after ${limit} ms`;
      await wait(2);
    }
    return this.endedAt - began;
  }

  /** Whether nothing comes for a while, neither bytes nor an end. */
  async quiet(ms: number): Promise<boolean> {
    const before = this.received.length;
    await wait(ms);
    return this.received.length === before && this.ended === undefined;
  }

  #end(how: 'FIN' | 'RST'): void {
    if (this.ended !== undefined) return;
    this.ended = how;
    this.endedAt = performance.now();
  }
}

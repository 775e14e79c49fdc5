import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { until } from '../../support/until.ts';

/** How a connection ended, as the side that did not end it sees it. */
export type WireEnd = 'fin' | 'rst' | undefined;

/** One connection, byte for byte. */
export interface Wire {
  readonly socket: Socket;
  /** All that came, as Latin-1. */
  readonly text: string;
  readonly ended: WireEnd;
  readonly closed: boolean;
  send(text: string | Buffer): void;
  /** Waits for text that matches. */
  sees(what: string | RegExp): Promise<string>;
  /** Waits for the connection's end. */
  end(): Promise<WireEnd>;
}

export function wire(socket: Socket): Wire {
  let text = '';
  let ended: WireEnd;
  let closed = false;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('end', () => {
    ended ??= 'fin';
  });
  socket.on('error', () => {
    ended ??= 'rst';
  });
  socket.on('close', () => {
    closed = true;
  });
  const self: Wire = {
    socket,
    get text() {
      return text;
    },
    get ended() {
      return ended;
    },
    get closed() {
      return closed;
    },
    send: (bytes) => void socket.write(bytes, 'latin1'),
    async sees(what) {
      await until(`the connection shows ${what}`, () =>
        typeof what === 'string' ? text.includes(what) : what.test(text),
      ).catch((error: Error) => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(text)} and ended by ${ended}`);
      });
      return text;
    },
    end: () => until('the connection ends', () => ended),
  };
  return self;
}

export async function dial(port: number): Promise<Wire> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return wire(socket);
}

export interface RawUpstream {
  readonly address: string;
  /** Connections in the order of their coming. */
  readonly connections: Wire[];
  /** Waits for connection number `index` to have sent a whole head. */
  request(index?: number): Promise<Wire>;
  close(): Promise<void>;
}

/** An upstream that says only what a test writes. */
export async function startRawUpstream(): Promise<RawUpstream> {
  const connections: Wire[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    connections.push(wire(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    async request(index = 0) {
      const connection = await until('the upstream is connected', () => connections[index]);
      await connection.sees('\r\n\r\n');
      return connection;
    },
    async close() {
      for (const { socket } of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Echo {
  /** `127.0.0.1:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** A TCP server that sends back what it gets. */
export async function startEcho(): Promise<Echo> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface RoundTrip {
  readonly received: string;
  readonly ms: number;
  /** How the connection ended before all came back; undefined when all did. */
  readonly ended?: string;
}

/** Sends `text` over a new connection to `address` and waits until as much has come back, the end, or `withinMs`. */
export async function roundTrip(address: string, text: string, withinMs = 5000): Promise<RoundTrip> {
  const [host, port] = address.split(/:(?=\d+$)/) as [string, string];
  const began = performance.now();
  const socket = connect(Number(port), host.replace(/^\[|\]$/g, ''));
  let received = '';
  const ended = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve('time-out'), withinMs);
    const finish = (how: string | undefined) => {
      clearTimeout(timer);
      resolve(how);
    };
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.length >= text.length) finish(undefined);
    });
    socket.on('end', () => finish('FIN'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
  socket.destroy();
  return { received, ms: performance.now() - began, ...(ended === undefined ? {} : { ended }) };
}

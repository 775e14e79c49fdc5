import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP forwarder that can stop passing on what clients send, pass all of it on later, and cut what is under way. */
export interface Gate {
  readonly port: number;
  shut(): void;
  open(): void;
  /** Ends all connections of the moment in the middle of whatever they carry. */
  cut(): void;
  close(): Promise<void>;
}

export async function startGate(target: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let shut = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    clients.add(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        clients.delete(one);
        other.destroy();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => client.write(chunk));
    if (shut) client.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      shut = true;
      for (const client of clients) client.pause();
    },
    open() {
      shut = false;
      for (const client of clients) client.resume();
    },
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nobody has now, low enough for the bus of a cluster, which takes the one 10000 higher. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    if (port < 55_000) return port;
  }
}

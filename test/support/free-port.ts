import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what a machine gives to who asks for any port, so that nobody is given one of these between now and its use. */
const LOWEST = 20_000;
/** Each worker has its own, and takes them in turn. */
const PER_WORKER = 2000;
const first = LOWEST + ((Number(process.env.VITEST_POOL_ID ?? 1) - 1) % 6) * PER_WORKER;
let next = Math.floor(Math.random() * PER_WORKER);

/**
 * A port of 127.0.0.1 that nobody has, for what names its address before it listens there. The one 10 000 above, which a Redis
 * Cluster takes beside it, is none of these.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (next++ % PER_WORKER);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

import { Redis } from 'ioredis';
import type { Transport } from '../play.ts';

/** Statuses by which checks see what Redis said. */
const OK = 200;
const REFUSED = 500;

/** Redis commands, each user's over a connection of its own. An error reply has status 500, any other 200. */
export function redisTransport(target: string, connections: number): Transport {
  const clients = new Map<number, Redis>();
  const clientOf = (user: number) => {
    const seat = user % connections;
    let client = clients.get(seat);
    if (!client) {
      // A lost connection is a broken request, not one that waits in a queue of this side.
      client = new Redis(target, { maxRetriesPerRequest: 0, retryStrategy: () => 500, lazyConnect: false });
      client.on('error', () => {});
      clients.set(seat, client);
    }
    return client;
  };
  return {
    async send({ command = ['PING'] }, user, signal) {
      const [name, ...parts] = command;
      try {
        const reply = await abortable(clientOf(user).call(name!, ...parts), signal);
        return { status: OK, body: JSON.stringify(reply) };
      } catch (error) {
        if ((error as Error).name === 'ReplyError') return { status: REFUSED, body: '' };
        throw error;
      }
    },
    async close() {
      for (const client of clients.values()) client.disconnect();
    },
  };
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    work.then(resolve, reject);
  });
}

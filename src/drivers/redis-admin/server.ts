import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { AdminServer } from '../admin/index.ts';
import { serverIsGone } from '../gone.ts';

/** Connections of Faultline's own are told by this, and never ended by its faults. */
export const OWN_NAMES = 'faultline-';

const CONNECT_MS = 3000;
const ANSWER_MS = 3000;

export interface RedisServer extends AdminServer {
  /** @throws Error that says what the server answered, without content */
  call(...command: readonly string[]): Promise<unknown>;
  /** A connection of its own, whose commands wait as long as the server makes them. */
  connection(): Promise<RedisConnection>;
}

export interface RedisConnection {
  readonly alive: boolean;
  call(...command: readonly string[]): Promise<unknown>;
  drop(): void;
}

/** Nothing is sent before the first call. */
export function redisServer(url: string): RedisServer {
  const name = `${OWN_NAMES}admin-${randomBytes(4).toString('hex')}`;
  let control: Promise<Redis> | undefined;

  const controlling = async () => {
    const known = await control?.catch(() => undefined);
    if (known?.status === 'ready') return known;
    control = connect(url, name, ANSWER_MS);
    return control;
  };

  return {
    async open() {
      await controlling();
    },
    async call(command, ...args) {
      const client = await controlling();
      return client.call(command!, ...args).catch(explain);
    },
    async connection() {
      const client = await connect(url, `${name}-held`);
      return {
        get alive() {
          return client.status === 'ready';
        },
        call: (command, ...args) => client.call(command!, ...args).catch(explain),
        drop: () => client.disconnect(),
      };
    },
    gone() {
      const { hostname, port } = new URL(url);
      return serverIsGone(hostname, Number(port || 6379));
    },
    async leftovers() {
      // A server that is still paused does not answer.
      await (await controlling()).call('PING').catch(explain);
      return [];
    },
    async close() {
      const client = await control?.catch(() => undefined);
      client?.disconnect();
      control = undefined;
    },
  };
}

/** One try, nothing queued, nothing sent twice: a failure shows at once. */
async function connect(url: string, connectionName: string, commandTimeout?: number): Promise<Redis> {
  if (!/^rediss?:\/\//i.test(url) || !URL.canParse(url))
    throw new Error('its url is not a valid Redis address');
  const client = new Redis(url, {
    lazyConnect: true,
    connectionName,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: CONNECT_MS,
    ...(commandTimeout === undefined ? {} : { commandTimeout }),
  });
  // connect() itself only says "Connection is closed"; the event has the cause.
  let cause: Error | undefined;
  client.on('error', (error) => {
    cause ??= error;
  });
  try {
    await client.connect();
    if (cause) throw cause;
    return client;
  } catch (error) {
    client.disconnect();
    return explain(cause ?? error);
  }
}

const MEANINGS: Readonly<Record<string, string>> = {
  NOAUTH: 'it asks for a password',
  WRONGPASS: 'the password was refused',
  NOPERM: 'its user may not do that',
  LOADING: 'it is still loading its data',
};

function explain(error: unknown): never {
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (name === 'ReplyError') {
    // Only the error's kind: the rest of the line may quote arguments.
    const kind = /^[A-Z]+\b/.exec(message)?.[0] ?? 'ERR';
    throw new Error(`Redis answered ${kind}${MEANINGS[kind] ? `: ${MEANINGS[kind]}` : ''}`);
  }
  if (code === 'ECONNREFUSED') throw new Error('nothing listens there');
  if (/timed out/i.test(message)) throw new Error('Redis does not answer in time');
  throw new Error(code === undefined ? 'Redis closed the connection' : `the connection failed (${code})`);
}

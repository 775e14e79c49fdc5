import { Redis } from 'ioredis';
import type { ProbeSpec } from '../core/plan.ts';
import { type Connection, Kept } from './kept.ts';
import { numberOf } from './numeric.ts';
import { ProbeFailure } from './reason.ts';
import { expand, type ProbeContext } from './secrets.ts';
import type { Source } from './timed.ts';

/** Sends the command on a kept connection; the value is the reply where that is a number. */
export function redisSource(spec: Extract<ProbeSpec, { kind: 'redis' }>, context: ProbeContext): Source {
  const kept = new Kept((signal) => connect(expand(spec.url, context), signal));
  const [name, ...args] = spec.command;
  return {
    attempt: (signal) =>
      kept.use(signal, async ({ client }) => ({
        value: numberOf(await client.call(name!, ...args).catch(refuse)),
      })),
    close: () => kept.close(),
  };
}

interface RedisConnection extends Connection {
  readonly client: Redis;
}

async function connect(url: string, signal: AbortSignal): Promise<RedisConnection> {
  const client = makeClient(url);
  // connect() itself only says "Connection is closed"; the event has the cause.
  let cause: Error | undefined;
  client.on('error', (error) => {
    cause ??= error;
  });
  const destroy = () => client.disconnect();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    await client.connect();
    if (cause) throw cause;
    return {
      client,
      destroy,
      get usable() {
        return client.status === 'ready';
      },
    };
  } catch (error) {
    destroy();
    return refuse(cause ?? error);
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

/** One try, nothing queued, nothing sent twice: a failure shows at once. */
function makeClient(url: string): Redis {
  if (!/^rediss?:\/\//i.test(url) || !URL.canParse(url))
    throw new ProbeFailure('the url is not a valid Redis address (redis://… or rediss://…)');
  return new Redis(url, {
    // So that faults which close clients by name can leave it alone.
    connectionName: 'faultline-probe',
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // The probe's own time-out rules.
    connectTimeout: 2 ** 30,
  });
}

function refuse(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'ReplyError') {
    // Only the error's kind: the rest of the line may quote the command's arguments.
    const kind = /^[A-Z]+\b/.exec(error.message)?.[0] ?? 'ERR';
    const meaning = MEANINGS[kind];
    throw new ProbeFailure(`Redis answered ${kind}${meaning ? `: ${meaning}` : ''}`);
  }
  if (/Connection is closed|Stream isn't writeable/.test(error.message))
    throw new ProbeFailure('Redis closed the connection');
  throw error;
}

const MEANINGS: Readonly<Record<string, string>> = {
  NOAUTH: 'it asks for a password',
  WRONGPASS: 'the password was refused',
  NOPERM: 'the user may not do that',
  LOADING: 'it is still loading its data',
  READONLY: 'it is a read-only replica',
  OOM: 'it has no memory left',
};

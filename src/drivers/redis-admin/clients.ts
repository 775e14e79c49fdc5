import { OWN_NAMES, type RedisServer } from './server.ts';

export const CLIENT_TYPES = ['normal', 'pubsub', 'replica', 'master'] as const;
export type ClientType = (typeof CLIENT_TYPES)[number];

/** A line of CLIENT LIST. */
export interface RedisClient {
  readonly id: string;
  readonly addr: string;
  readonly name: string;
  /** Empty before Redis 6. */
  readonly user: string;
  readonly type: ClientType;
}

/** Clients of the server, without Faultline's own. */
export async function clientsOf(server: RedisServer): Promise<readonly RedisClient[]> {
  return parseClients(String(await server.call('CLIENT', 'LIST'))).filter(
    ({ name }) => !name.startsWith(OWN_NAMES),
  );
}

/** Reads the reply of CLIENT LIST: a line per client, of `key=value` pairs. Flags: S replica, M master, P in pub/sub. */
function parseClients(text: string): readonly RedisClient[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const fields = Object.fromEntries(
        line
          .trim()
          .split(' ')
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      );
      const { id = '', addr = '', name = '', user = '', flags = '' } = fields;
      return { id, addr, name, user, type: typeOf(flags) };
    });
}

function typeOf(flags: string): ClientType {
  if (flags.includes('S')) return 'replica';
  if (flags.includes('M')) return 'master';
  return flags.includes('P') ? 'pubsub' : 'normal';
}

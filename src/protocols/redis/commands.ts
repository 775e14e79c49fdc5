/** Where a command's keys are. */
export type Keys =
  | { readonly at: 'none' }
  /** From argument `first` to `last` (from the end where negative), every `step`. */
  | { readonly at: 'range'; readonly first: number; readonly last: number; readonly step: number }
  /** As many as argument `count` says, right behind it; perhaps one more at `also`. */
  | { readonly at: 'counted'; readonly count: number; readonly also?: number }
  /** The first half of what follows `STREAMS`. */
  | { readonly at: 'streams' }
  /** Argument 1, and what follows one of these words. */
  | { readonly at: 'words'; readonly words: readonly string[] };

/** What a command does to the connection's conversation, beside being answered once. */
export type Role =
  | 'multi'
  | 'exec'
  | 'discard'
  | 'reset'
  | 'hello'
  | 'client'
  | 'script'
  | 'subscribe'
  | 'unsubscribe'
  | 'monitor'
  | 'watch'
  | 'quit'
  /** From here on the connection does not answer request by request. */
  | 'transparent';

export interface Command {
  readonly name: string;
  readonly does: 'read' | 'write' | 'other';
  readonly keys: Keys;
  readonly role: Role | undefined;
  /** May wait for as long as the client likes; XREAD and XREADGROUP only with `BLOCK`. */
  readonly blocks: boolean;
  /** Takes a subcommand as its first argument. */
  readonly container: boolean;
  /** Answered once and at once, by what says nothing of the connection or of other nodes; never part of a handshake. */
  readonly ordinary: boolean;
}

const NONE: Keys = { at: 'none' };
const range = (first: number, last = first, step = 1): Keys => ({ at: 'range', first, last, step });
const counted = (count: number, also?: number): Keys => ({
  at: 'counted',
  count,
  ...(also ? { also } : {}),
});
const words = (...list: string[]): Keys => ({ at: 'words', words: list });

type Row = readonly [does: Command['does'], keys: Keys, names: string];

/** The commands of Redis 7, as its `COMMAND` lists them, with those that later versions added. */
const ROWS: readonly Row[] = [
  [
    'read',
    range(1),
    `BITCOUNT BITFIELD_RO BITPOS DUMP EXPIRETIME GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET
    GETBIT GETRANGE HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS LINDEX LLEN LPOS LRANGE
    PEXPIRETIME PTTL SCARD SISMEMBER SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR TTL TYPE XLEN XPENDING
    XRANGE XREVRANGE ZCARD ZCOUNT ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE
    ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE HEXPIRETIME HPEXPIRETIME HTTL HPTTL`,
  ],
  ['read', range(1, -1), 'EXISTS MGET PFCOUNT SDIFF SINTER SUNION TOUCH'],
  ['read', range(1, 2), 'LCS'],
  ['read', range(2), 'MEMORY OBJECT XINFO'],
  ['read', counted(1), 'SINTERCARD ZDIFF ZINTER ZINTERCARD ZUNION'],
  ['read', counted(2), 'EVALSHA_RO EVAL_RO FCALL_RO'],
  ['read', { at: 'streams' }, 'XREAD'],
  ['read', NONE, 'DBSIZE KEYS LOLWUT RANDOMKEY SCAN'],
  [
    'write',
    range(1),
    `APPEND BITFIELD DECR DECRBY EXPIRE EXPIREAT GEOADD GETDEL GETEX GETSET HDEL HINCRBY HINCRBYFLOAT HMSET HSET HSETNX
    INCR INCRBY INCRBYFLOAT LINSERT LPOP LPUSH LPUSHX LREM LSET LTRIM MOVE PERSIST PEXPIRE PEXPIREAT PFADD PSETEX
    RESTORE RESTORE-ASKING RPOP RPUSH RPUSHX SADD SET SETBIT SETEX SETNX SETRANGE SPOP SREM XACK XADD XAUTOCLAIM XCLAIM
    XDEL XSETID XTRIM ZADD ZINCRBY ZPOPMAX ZPOPMIN ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE HEXPIRE
    HEXPIREAT HPEXPIRE HPEXPIREAT HPERSIST HGETDEL HGETEX HSETEX`,
  ],
  [
    'write',
    range(1, 2),
    'BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE LMOVE RENAME RENAMENX RPOPLPUSH SMOVE ZRANGESTORE',
  ],
  ['write', range(1, -1), 'DEL PFMERGE SDIFFSTORE SINTERSTORE SUNIONSTORE UNLINK'],
  ['write', range(1, -2), 'BLPOP BRPOP BZPOPMAX BZPOPMIN'],
  ['write', range(1, -1, 2), 'MSET MSETNX'],
  ['write', range(2, -1), 'BITOP'],
  ['write', range(2), 'PFDEBUG XGROUP'],
  ['write', counted(1), 'LMPOP ZMPOP'],
  ['write', counted(2), 'BLMPOP BZMPOP'],
  ['write', counted(2, 1), 'ZDIFFSTORE ZINTERSTORE ZUNIONSTORE'],
  ['write', { at: 'streams' }, 'XREADGROUP'],
  ['write', words('STORE'), 'SORT'],
  ['write', words('STORE', 'STOREDIST'), 'GEORADIUS GEORADIUSBYMEMBER'],
  ['write', range(3), 'MIGRATE'],
  ['write', NONE, 'FLUSHALL FLUSHDB SWAPDB'],
  ['other', counted(2), 'EVAL EVALSHA FCALL'],
  ['other', range(1), 'SPUBLISH'],
  ['other', range(1, -1), 'SSUBSCRIBE SUNSUBSCRIBE WATCH'],
  [
    'other',
    NONE,
    `ACL ASKING AUTH BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DEBUG DISCARD ECHO EXEC FAILOVER FUNCTION HELLO
    INFO LASTSAVE LATENCY MODULE MONITOR MULTI PFSELFTEST PING PSUBSCRIBE PSYNC PUBLISH PUBSUB PUNSUBSCRIBE QUIT READONLY
    READWRITE REPLCONF REPLICAOF RESET ROLE SAVE SCRIPT SELECT SENTINEL SHUTDOWN SLAVEOF SLOWLOG SUBSCRIBE SYNC TIME
    UNSUBSCRIBE UNWATCH WAIT WAITAOF`,
  ],
];

const ROLES: Readonly<Record<string, Role>> = {
  MULTI: 'multi',
  EXEC: 'exec',
  DISCARD: 'discard',
  RESET: 'reset',
  HELLO: 'hello',
  CLIENT: 'client',
  SCRIPT: 'script',
  SUBSCRIBE: 'subscribe',
  PSUBSCRIBE: 'subscribe',
  SSUBSCRIBE: 'subscribe',
  UNSUBSCRIBE: 'unsubscribe',
  PUNSUBSCRIBE: 'unsubscribe',
  SUNSUBSCRIBE: 'unsubscribe',
  MONITOR: 'monitor',
  QUIT: 'quit',
  WATCH: 'watch',
  PSYNC: 'transparent',
  SYNC: 'transparent',
};

const BLOCKING = new Set(
  'BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN WAIT WAITAOF XREAD XREADGROUP'.split(' '),
);
const CONTAINERS = new Set(
  `ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SENTINEL SLOWLOG XGROUP
  XINFO`.split(/\s+/),
);

/** Of those that neither read nor write. */
const ORDINARY = new Set('ECHO EVAL EVALSHA FCALL PING PUBLISH SPUBLISH TIME UNWATCH'.split(' '));

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  ROWS.flatMap(([does, keys, names]) =>
    names.split(/\s+/).map((name) => [
      name,
      {
        name,
        does,
        keys,
        role: ROLES[name],
        blocks: BLOCKING.has(name),
        container: CONTAINERS.has(name),
        ordinary: !BLOCKING.has(name) && (does !== 'other' || ORDINARY.has(name)),
      },
    ]),
  ),
);

/** A command that the table does not have: one of a module, whose first argument is nearly always its key. */
export const UNKNOWN: Command = {
  name: '',
  does: 'other',
  keys: range(1),
  role: undefined,
  blocks: false,
  container: false,
  ordinary: true,
};

const LONGEST_NAME = Math.max(...[...COMMANDS.keys()].map((name) => name.length));
const BY_HASH = new Map<number, Command[]>();
for (const command of COMMANDS.values()) {
  const hash = hashOf(Buffer.from(command.name), 0, command.name.length);
  BY_HASH.set(hash, [...(BY_HASH.get(hash) ?? []), command]);
}

/**
 * The command whose name stands, in any case, in these bytes; `likely` is tried first. Makes neither string nor slice: it
 * runs for each command of each client.
 */
export function commandOf(bytes: Buffer, start = 0, end = bytes.length, likely = UNKNOWN): Command {
  if (likely !== UNKNOWN && isNamed(bytes, start, end, likely.name)) return likely;
  if (end - start > LONGEST_NAME) return UNKNOWN;
  const candidates = BY_HASH.get(hashOf(bytes, start, end));
  if (!candidates) return UNKNOWN;
  for (const command of candidates) if (isNamed(bytes, start, end, command.name)) return command;
  return UNKNOWN;
}

function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at]! & 0xdf)) | 0;
  return hash;
}

function isNamed(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if ((byte >= 97 && byte <= 122 ? byte - 32 : byte) !== name.charCodeAt(at - start)) return false;
  }
  return true;
}

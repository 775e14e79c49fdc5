import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS, commandOf, UNKNOWN } from '../../../src/protocols/redis/commands.ts';
import type { ProtocolVersion } from '../../../src/protocols/redis/exchange.ts';
import { keyPositions } from '../../../src/protocols/redis/keys.ts';
import { missOf } from '../../../src/protocols/redis/misses.ts';
import { exchange } from '../../support/redis-wire.ts';
import { describeWithRedis, type Service, startRedis } from '../../support/services.ts';
import { given } from './given.ts';

/** Commands with keys in places that only the words before them tell. */
const WITH_KEYS: readonly string[] = [
  'GET a',
  'MGET a b c',
  'MSET a 1 b 2',
  'BITOP AND d a b',
  'EVAL return 2 a b x',
  'EVALSHA 0123 1 bull:mail:wait x',
  'FCALL f 1 a x',
  'ZUNIONSTORE d 2 a b WEIGHTS 1 2',
  'ZUNION 2 a b',
  'SINTERCARD 2 a b LIMIT 1',
  'LMPOP 2 a b LEFT',
  'BLMPOP 0 2 a b LEFT',
  'BLPOP a b 0',
  'XREAD COUNT 2 BLOCK 100 STREAMS a b 0 0',
  'XREADGROUP GROUP g streams STREAMS a >',
  'XGROUP CREATE a g $',
  'OBJECT ENCODING a',
  'MEMORY USAGE a',
  'SORT a BY nosort STORE b',
  'GEORADIUS a 1 2 3 m STORE b',
  'COPY a b',
  'LCS a b',
  'MIGRATE host 6379 a 0 1000',
];

/** Reading commands on keys that are not there. */
const MISSING: readonly string[] =
  `GET k|MGET k l|STRLEN k|GETRANGE k 0 -1|GETBIT k 7|BITCOUNT k|BITPOS k 1|BITPOS k 0|EXISTS k l|TTL k|PTTL k
  EXPIRETIME k|TYPE k|DUMP k|TOUCH k|HGET k f|HMGET k f g|HGETALL k|HKEYS k|HVALS k|HLEN k|HEXISTS k f|HSTRLEN k f|HRANDFIELD k|HRANDFIELD k 2
  HSCAN k 0|LRANGE k 0 -1|LLEN k|LINDEX k 0|LPOS k a|LPOS k a COUNT 2|SMEMBERS k|SCARD k|SISMEMBER k a|SMISMEMBER k a b|SRANDMEMBER k
  SRANDMEMBER k 2|SINTER k l|SUNION k l|SDIFF k l|SINTERCARD 1 k|SSCAN k 0|ZSCORE k a|ZMSCORE k a b|ZRANK k a|ZREVRANK k a|ZCARD k|ZCOUNT k 0 1
  ZLEXCOUNT k - +|ZRANGE k 0 -1|ZRANGE k 0 -1 WITHSCORES|ZRANGEBYSCORE k 0 1|ZREVRANGE k 0 -1|ZRANGEBYLEX k - +|ZRANDMEMBER k|ZRANDMEMBER k 2
  ZSCAN k 0|ZUNION 2 k l|ZINTER 2 k l|ZDIFF 2 k l|ZINTERCARD 1 k|XLEN k|XRANGE k - +|XREVRANGE k + -|XREAD STREAMS k 0|GEOPOS k a b
  GEODIST k a b|GEOHASH k a b|GEOSEARCH k FROMLONLAT 1 2 BYRADIUS 3 m|PFCOUNT k|LCS k l|LCS k l LEN|LCS k l IDX|RANDOMKEY|KEYS *|SCAN 0|DBSIZE
  OBJECT ENCODING k|SORT_RO k|SUBSTR k 0 -1`
    .split(/\||\n\s*/)
    .filter((text) => text !== '');

describeWithRedis('the table of commands', () => {
  let server: Service;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url, { protocol: 2 });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('agrees with the server on what reads, what writes and where keys are', async () => {
    type Row = [name: string, arity: number, flags: string[], first: number, last: number, step: number];
    const rows = (await redis.call('COMMAND')) as Row[];
    expect(rows.length).toBeGreaterThan(200);
    const wrong: string[] = [];
    for (const [name, , flags, first, last, step] of rows) {
      const command = COMMANDS.get(name.toUpperCase());
      if (!command) wrong.push(`${name} is missing`);
      if (!command || command.container) continue;
      const does = flags.includes('readonly') ? 'read' : flags.includes('write') ? 'write' : 'other';
      if (command.does !== does) wrong.push(`${name} is ${does}`);
      const { keys } = command;
      const movable = flags.includes('movablekeys') || first === 0;
      if (
        !movable &&
        (keys.at !== 'range' || `${keys.first} ${keys.last} ${keys.step}` !== `${first} ${last} ${step}`)
      )
        wrong.push(`${name} has keys at ${first} ${last} ${step}`);
      if (command.blocks !== flags.includes('blocking') && !/^wait/.test(name)) wrong.push(`${name} blocks`);
    }
    expect(wrong).toEqual([]);
  });

  test.each(WITH_KEYS)('finds the keys of %s where the server finds them', async (text) => {
    const words = text.split(' ');
    const keys = (await redis.call('COMMAND', 'GETKEYS', ...words)) as string[];
    const framer = given(...words);
    const positions = keyPositions(framer);
    expect(positions.map((position) => words[position])).toEqual(keys);
  });

  test.each([2, 3] as const)(
    'answers a miss as the server does, in RESP%i',
    async (version: ProtocolVersion) => {
      const wrong: string[] = [];
      expect(MISSING.length).toBeGreaterThan(70);
      const replies = await exchange(server.port, version, MISSING);
      for (const [index, text] of MISSING.entries()) {
        const framer = given(...text.split(' '));
        const own = missOf(framer, version)?.toString();
        if (own !== replies[index])
          wrong.push(`${text}: ${JSON.stringify(own)}, not ${JSON.stringify(replies[index])}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  test('knows a name in any case, and no other', () => {
    expect(commandOf(Buffer.from('zRangeByScore')).name).toBe('ZRANGEBYSCORE');
    for (const name of ['', 'GETX', 'JSON.GET', '\x07ET', 'x'.repeat(100)]) {
      expect(commandOf(Buffer.from(name))).toBe(UNKNOWN);
    }
    for (const name of COMMANDS.keys()) expect(commandOf(Buffer.from(name.toLowerCase())).name).toBe(name);
  });
});

import type { ProtocolVersion } from './exchange.ts';
import type { Arguments } from './keys.ts';
import { nilArrayReply, nilReply, repeated } from './write.ts';

type Miss = (given: Arguments, version: ProtocolVersion) => string;

const nil: Miss = (_, version) => nilReply(version);
const zero: Miss = () => ':0\r\n';
const emptyText: Miss = () => '$0\r\n\r\n';
const emptyArray: Miss = () => '*0\r\n';
const emptyMap: Miss = (_, version) => (version === 3 ? '%0\r\n' : '*0\r\n');
const emptySet: Miss = (_, version) => (version === 3 ? '~0\r\n' : '*0\r\n');
const noKey: Miss = () => ':-2\r\n';
const nothingScanned: Miss = () => '*2\r\n$1\r\n0\r\n*0\r\n';
/** One item for each argument from `first` on. */
const each =
  (first: number, item: Miss): Miss =>
  (given, version) =>
    repeated(Math.max(0, given.argc - first), item(given, version));
/** A nil where one value was asked for, an empty array where a count was given. */
const nilOrNone =
  (argcWithCount: number): Miss =>
  (given, version) =>
    given.argc >= argcWithCount ? '*0\r\n' : nilReply(version);

/** What each reading command answers where the key does not exist. */
const MISSES: Readonly<Record<string, Miss>> = {
  ...of('DUMP GEODIST GET HGET LINDEX OBJECT RANDOMKEY ZSCORE', nil),
  ...of(
    `BITCOUNT DBSIZE EXISTS GETBIT HEXISTS HLEN HSTRLEN LLEN PFCOUNT SCARD SINTERCARD SISMEMBER STRLEN TOUCH XLEN ZCARD
    ZCOUNT ZINTERCARD ZLEXCOUNT`,
    zero,
  ),
  ...of('GETRANGE SUBSTR', emptyText),
  ...of(
    `GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH HKEYS HVALS KEYS LRANGE SORT_RO XRANGE XREVRANGE ZDIFF ZINTER ZRANGE
    ZRANGEBYLEX ZRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZUNION`,
    emptyArray,
  ),
  ...of('SDIFF SINTER SMEMBERS SUNION', emptySet),
  ...of('EXPIRETIME PEXPIRETIME PTTL TTL', noKey),
  ...of('HSCAN SCAN SSCAN ZSCAN', nothingScanned),
  ...of('HRANDFIELD SRANDMEMBER ZRANDMEMBER', nilOrNone(3)),
  ...of('ZRANK ZREVRANK', (given, version) => (given.argc > 3 ? nilArrayReply(version) : nilReply(version))),
  BITPOS: (given) => (given.word(2) === '1' ? ':-1\r\n' : ':0\r\n'),
  GEOHASH: each(2, nil),
  GEOPOS: each(2, (_, version) => nilArrayReply(version)),
  HGETALL: emptyMap,
  HMGET: each(2, nil),
  LCS: (given, version) => {
    const options = Array.from({ length: Math.max(0, given.argc - 3) }, (_, index) => given.word(index + 3));
    if (options.includes('LEN')) return ':0\r\n';
    if (!options.includes('IDX')) return '$0\r\n\r\n';
    const open = version === 3 ? '%2' : '*4';
    return `${open}\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n`;
  },
  LPOS: (given, version) => {
    for (let index = 3; index < given.argc; index += 2) if (given.word(index) === 'COUNT') return '*0\r\n';
    return nilReply(version);
  },
  MGET: each(1, nil),
  SMISMEMBER: each(2, zero),
  TYPE: () => '+none\r\n',
  XREAD: (_, version) => nilArrayReply(version),
  ZMSCORE: each(2, nil),
};

/** A longer list of items is not made up. */
const MOST_ITEMS = 100_000;

/**
 * What a reading command answers where nothing is there, as bytes; undefined for commands that write, that do not look
 * keys up, or whose reply for a missing key is an error.
 */
export function missOf(given: Arguments, version: ProtocolVersion): Buffer | undefined {
  const miss = given.argc > MOST_ITEMS ? undefined : MISSES[given.command.name];
  return miss && Buffer.from(miss(given, version));
}

/**
 * Of a command that answers with an item for each key, the items of those that are missing, by their number. Undefined for
 * any other, and where all keys are missing that can be seen: then so are those that cannot.
 */
export function missingItems(
  given: Arguments,
  version: ProtocolVersion,
  missing: (key: string) => boolean,
): ReadonlyMap<number, Buffer> | undefined {
  if (given.command.name !== 'MGET') return undefined;
  const nils = new Map<number, Buffer>();
  let seen = 0;
  for (let index = 1; index < given.argc; index++) {
    const key = given.text(index);
    if (key === undefined) break;
    seen++;
    if (missing(key)) nils.set(index - 1, Buffer.from(nilReply(version)));
  }
  return nils.size < seen ? nils : undefined;
}

function of(names: string, miss: Miss): Record<string, Miss> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, miss]));
}

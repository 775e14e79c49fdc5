import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { request } from '../../src/protocols/redis/write.ts';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type RedisStage, startRedisStage } from './redis-stage.ts';

/** What clients may say to a server that changes how it answers. Each ends as it began: ready for a plain command. */
const CONVERSATIONS: readonly (readonly [title: string, ...commands: readonly string[]])[] = [
  ['a transaction', 'MULTI', 'SET a 1', 'GET a', 'LRANGE l 0 -1', 'EXEC'],
  ['a transaction in RESP3', 'HELLO 3', 'MULTI', 'HGETALL h', 'SMEMBERS s', 'EXEC'],
  ['an empty transaction', 'MULTI', 'EXEC'],
  ['a transaction that is discarded', 'MULTI', 'SET a 2', 'DISCARD'],
  ['EXEC and DISCARD without MULTI', 'EXEC', 'DISCARD'],
  ['a MULTI inside MULTI', 'MULTI', 'MULTI', 'GET a', 'EXEC'],
  ['a WATCH inside MULTI', 'MULTI', 'WATCH a', 'GET a', 'EXEC'],
  ['a command that cannot be queued', 'MULTI', 'GET', 'NOSUCH x', 'GET a', 'EXEC'],
  ['a command that fails when it is run', 'SET text x', 'MULTI', 'INCR text', 'GET text', 'EXEC'],
  ['a transaction that WATCH aborts', 'WATCH a', 'SET a other', 'MULTI', 'GET a', 'EXEC'],
  ['a transaction that WATCH aborts in RESP3', 'HELLO 3', 'WATCH a', 'SET a more', 'MULTI', 'GET a', 'EXEC'],
  ['HELLO inside MULTI', 'MULTI', 'HGETALL h', 'HELLO 3', 'HGETALL h', 'EXEC', 'HGETALL h'],
  ['a HELLO that fails inside MULTI', 'MULTI', 'HELLO 9', 'HGETALL h', 'EXEC', 'HGETALL h'],
  [
    'SUBSCRIBE inside MULTI',
    'HELLO 3',
    'MULTI',
    'SUBSCRIBE x y z',
    'SET a 1',
    'GET a',
    'EXEC',
    'GET a',
    'RESET',
  ],
  ['SUBSCRIBE inside MULTI in RESP2', 'MULTI', 'SUBSCRIBE x y', 'GET a', 'EXEC', 'PING', 'UNSUBSCRIBE'],
  ['UNSUBSCRIBE inside MULTI', 'HELLO 3', 'SUBSCRIBE x y', 'MULTI', 'UNSUBSCRIBE', 'GET a', 'EXEC', 'GET a'],
  ['UNSUBSCRIBE of nothing inside MULTI', 'MULTI', 'PUNSUBSCRIBE', 'GET a', 'EXEC'],
  ['RESET inside MULTI', 'HELLO 3', 'MULTI', 'SET a 3', 'RESET', 'HGETALL h'],
  ['MONITOR inside MULTI', 'MULTI', 'MONITOR', 'GET a', 'EXEC'],
  ['PSYNC inside MULTI', 'MULTI', 'PSYNC ? -1', 'GET a', 'EXEC'],
  ['MONITOR until RESET', 'MONITOR', 'PING', 'ECHO hello', 'GET a', 'RESET'],
  ['MONITOR until RESET in RESP3', 'HELLO 3', 'MONITOR', 'PING', 'ECHO hello', 'GET a', 'RESET'],
  ['a blocking command inside MULTI', 'MULTI', 'BLPOP nothing 0', 'GET a', 'EXEC'],
  ['blocking commands', 'BLPOP nothing 0.05', 'XREAD BLOCK 50 STREAMS nothing 0', 'WAIT 1 50', 'GET a'],
  [
    'replies that are off',
    'CLIENT REPLY OFF',
    'GET a',
    'NOSUCH',
    'MULTI',
    'GET a',
    'EXEC',
    'CLIENT REPLY ON',
  ],
  ['a reply that is skipped', 'CLIENT REPLY SKIP', 'GET a', 'GET a'],
  ['two skips in a row', 'CLIENT REPLY SKIP', 'CLIENT REPLY SKIP', 'GET a', 'GET a'],
  ['a skip that is taken back', 'CLIENT REPLY SKIP', 'CLIENT REPLY ON', 'GET a'],
  ['a skipped MULTI', 'CLIENT REPLY SKIP', 'MULTI', 'GET a', 'EXEC'],
  ['SUBSCRIBE while replies are off', 'CLIENT REPLY OFF', 'SUBSCRIBE x y', 'UNSUBSCRIBE', 'CLIENT REPLY ON'],
  ['a skipped SUBSCRIBE', 'CLIENT REPLY SKIP', 'SUBSCRIBE x', 'PING', 'UNSUBSCRIBE x'],
  [
    'subscriptions of every kind',
    'SUBSCRIBE x y',
    'PSUBSCRIBE x*',
    'SSUBSCRIBE s t',
    'PING',
    'UNSUBSCRIBE',
    'PUNSUBSCRIBE',
    'SUNSUBSCRIBE',
  ],
  [
    'subscriptions of every kind in RESP3',
    'HELLO 3',
    'SUBSCRIBE x y',
    'PSUBSCRIBE x*',
    'SSUBSCRIBE s t',
    'GET a',
    'PUNSUBSCRIBE',
    'UNSUBSCRIBE',
    'SUNSUBSCRIBE',
  ],
  ['what it publishes to itself', 'HELLO 3', 'SUBSCRIBE x', 'PSUBSCRIBE *', 'PUBLISH x y', 'GET a', 'RESET'],
  [
    'lists that look like messages',
    'HELLO 3',
    'SUBSCRIBE x',
    'DEL m',
    'RPUSH m message x y',
    'LRANGE m 0 -1',
    'RESET',
  ],
  ['tracking', 'HELLO 3', 'CLIENT TRACKING ON', 'GET a', 'SET a 9', 'GET a', 'SET a 8', 'GET l', 'RESET'],
  [
    'tracking inside MULTI',
    'HELLO 3',
    'CLIENT TRACKING ON',
    'GET a',
    'MULTI',
    'SET a 7',
    'GET a',
    'EXEC',
    'RESET',
  ],
  [
    'broadcast tracking',
    'HELLO 3',
    'CLIENT TRACKING ON BCAST PREFIX a',
    'SET a 1',
    'SET a 2',
    'GET a',
    'RESET',
  ],
  [
    'scripts',
    "EVAL return{1,'a',{2,false}} 0",
    "EVAL return{err='BUSY'} 0",
    'EVALSHA 0123 0',
    'SCRIPT LOAD return',
  ],
  ['a script that answers in RESP3', 'HELLO 3', "EVAL redis.setresp(3)return(redis.call('HGETALL','h')) 0"],
  [
    'values of every RESP3 type',
    'HELLO 3',
    ...[
      '{double=3.5}',
      "{big_number='12'}",
      '{map={a=1,b={1,2}}}',
      '{set={a=true}}',
      'true',
      'false',
      "{verbatim_string={format='txt',string='x'}}",
    ].map(
      (value) =>
        `EVAL redis.setresp(3)return${value.startsWith('{') ? '' : '('}${value}${value.startsWith('{') ? '' : ')'} 0`,
    ),
  ],
  [
    'errors',
    'NOSUCH a',
    'GET',
    'HELLO 9',
    'SUBSCRIBE',
    'CLIENT REPLY MAYBE',
    'SHUTDOWN NOSUCH',
    'MULTI x',
    'EXEC x',
    'RESET x',
    'MULTI',
    'EXEC x',
    'GET a',
    'EXEC',
  ],
  [
    'pipelines of the common replies',
    'SET a 1',
    'GET a',
    'INCR a',
    'GET nothing',
    'MGET a nothing l',
    'LRANGE l 0 -1',
    'TYPE a',
  ],
];

interface Line {
  send(...commands: readonly string[]): void;
  /** All that came, without what differs from one connection to the next. */
  readonly seen: string;
  readonly socket: Socket;
}

async function dial(port: number): Promise<Line> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  let seen = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    seen += piece;
  });
  return {
    socket,
    send: (...commands) =>
      void socket.write(Buffer.concat(commands.map((command) => request(...command.split(' '))))),
    get seen() {
      return seen
        .replace(/(\$2\r\nid\r\n):\d+/g, '$1:1')
        .replace(/\+[\d.]+ \[0 [^\]]*\]/g, '+TIME [ADDRESS]');
    },
  };
}

const LAST = '$6\r\nmarker\r\n+PONG\r\n';

describeWithRedis('a connection that changes how it is answered', () => {
  let stage: RedisStage;

  beforeAll(async () => {
    stage = await startRedisStage();
    await stage.direct.set('faulted', 'marker');
    await stage.direct.hset('h', { f: '1', g: '2' });
    await stage.direct.sadd('s', 'one');
    await stage.direct.rpush('l', 'a', 'b', 'c');
  });
  afterAll(() => stage.close());

  const fresh = async () => {
    await stage.direct.pipeline().del('m').set('a', 'x').exec();
  };

  const straight = async (commands: readonly string[]) => {
    const line = await dial(Number(stage.direct.options.port));
    line.send(...commands, 'GET faulted', 'PING');
    await until('the server has answered', () => line.seen.endsWith(LAST));
    return line.seen.slice(0, -LAST.length);
  };

  test.each(CONVERSATIONS)('is followed through %s, and a fault stays in place', async (_, ...commands) => {
    stage.empty();
    await fresh();
    const expected = await straight(commands);
    await fresh();
    stage.inject('redis_error', { reply: 'BUSY wait' }, { key: 'faulted' });
    const line = await dial(stage.port);
    line.send(...commands, 'GET faulted', 'PING');
    const end = '-BUSY wait\r\n+PONG\r\n';
    await until('the fault has answered', () => line.seen.endsWith(end));
    expect(line.seen.slice(0, -end.length)).toBe(expected);
    expect(stage.counts()).toEqual({ matched: 1, injected: 1, skipped: {} });
  });

  test.each(CONVERSATIONS)('is followed through %s while no fault is there', async (_, ...commands) => {
    stage.empty();
    await fresh();
    const expected = await straight(commands);
    await fresh();
    const line = await dial(stage.port);
    for (const command of commands)
      for (const byte of request(...command.split(' '))) line.socket.write(Buffer.of(byte));
    line.send('GET faulted', 'PING');
    await until('the server has answered', () => line.seen.endsWith(LAST));
    stage.inject('redis_error', { reply: 'BUSY wait' }, { key: 'faulted' });
    line.send('GET faulted', 'PING');
    await until('the fault has answered', () => line.seen.endsWith('-BUSY wait\r\n+PONG\r\n'));
    expect(line.seen.slice(0, line.seen.indexOf(LAST))).toBe(expected);
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Match } from '../../src/core/fault.ts';
import { message } from '../protocols/postgres/wire.ts';
import { rawOf } from '../proxy/postgres/raw.ts';
import { type PostgresStage, postgresStage } from '../proxy/postgres/stage.ts';

let it: PostgresStage;
beforeAll(async () => {
  it = await postgresStage();
});
afterAll(() => it.close());
afterEach(async () => {
  it.takeBack();
  await it.hangUp();
});

const put = (match: Match) => it.put({ type: 'pg_error', attributes: { sqlstate: '40001' }, match });
const LONG = ' '.repeat(16 * 1024);

describe('a fault on Postgres is narrowed', () => {
  /** Which of these statements fail, sent one after another. */
  async function failing(match: Match, statements: readonly string[]): Promise<readonly boolean[]> {
    const client = await it.client();
    put(match);
    const failed: boolean[] = [];
    for (const text of statements) {
      failed.push(
        await client.query(text).then(
          () => false,
          ({ code }) => code === '40001',
        ),
      );
    }
    return failed;
  }

  test.each<[string, () => Match, readonly string[], readonly boolean[]]>([
    [
      'by sql',
      () => ({ sql: 'from\\s+pg_(class|type)' }),
      ['select 1', 'select 1 FROM  pg_class limit 1'],
      [false, true],
    ],
    [
      'by sql in its first 16 KiB',
      () => ({ sql: 'needle' }),
      [`select 1 ${LONG} -- needle`, 'select 1 -- needle'],
      [false, true],
    ],
    [
      'by command',
      () => ({ command: 'create*' }),
      ['select 1', 'create temp table a (b int)', 'show all'],
      [false, true, false],
    ],
    [
      'by any command of several',
      () => ({ command: 'SHOW' }),
      ['select 1; show server_version', 'select 1'],
      [true, false],
    ],
    ['by user', () => ({ user: it.user }), ['select 1'], [true]],
    ['by another user', () => ({ user: 'nobody*' }), ['select 1'], [false]],
    ['by database', () => ({ database: `${it.database.slice(0, 2)}*` }), ['select 1'], [true]],
    ['by another database', () => ({ database: 'nowhere' }), ['select 1'], [false]],
    ['by client', () => ({ client: '127.0.0.0/8' }), ['select 1'], [true]],
    ['by another client', () => ({ client: '10.0.0.0/8' }), ['select 1'], [false]],
    ['to the first', () => ({ first: 2 }), Array(4).fill('select 1'), [true, true, false, false]],
    ['to those after', () => ({ after: 2 }), Array(4).fill('select 1'), [false, false, true, true]],
    ['to every third', () => ({ every: 3 }), Array(5).fill('select 1'), [true, false, false, true, false]],
    [
      'by all of them',
      () => ({ sql: 'hit', after: 1, every: 2, first: 1 }),
      ['select 1', ...Array(5).fill("select 'hit'")],
      [false, false, true, false, false, false],
    ],
  ])('%s', async (_, match, statements, wanted) => {
    expect(await failing(match(), statements)).toEqual(wanted);
  });

  test('by a pattern that would be tried for ever, and others are served meanwhile', async () => {
    const [client, other] = [await it.client(), await it.client()];
    put({ sql: '(a+)+$' });
    let over = false;
    const busy = (async () => {
      for (let round = 0; !over; round++) await client.query(`select '${'a'.repeat(60)}' || ${round}`);
    })();
    const began = performance.now();
    for (let round = 0; round < 100; round++) await other.query('select 1');
    const took = performance.now() - began;
    over = true;
    await busy;
    expect(it.counts()).toMatchObject({ matched: 0, injected: 0 });
    expect(took).toBeLessThan(100 * 25);
  });
});

describe('a client that does not keep to the protocol', () => {
  const alone = async () => {
    expect((await (await it.client()).query('select 7 as n')).rows).toEqual([{ n: 7 }]);
  };
  /** What comes back to a client that sends this, and ends. */
  async function answerTo(bytes: Buffer): Promise<string> {
    const socket = connect(it.address);
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.end(bytes);
    await once(socket, 'close');
    return got;
  }

  test.each([
    ['speaks HTTP', Buffer.from('GET / HTTP/1.1\r\nhost: db\r\n\r\n')],
    ['claims a gigabyte', Buffer.from([0x40, 0, 0, 0, 0, 3, 0, 0])],
    ['claims less than nothing', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0])],
    ['breaks off', Buffer.from([0, 0, 0, 40, 0, 3, 0, 0, 0x75])],
    ['sends a version that there is not', Buffer.from([0, 0, 0, 8, 0, 99, 0, 0])],
    ['says nothing', Buffer.alloc(0)],
  ])('is left to the server, and nobody else is: it %s', async (_, bytes) => {
    put({ sql: 'nothing such' });
    const answer = await answerTo(bytes);
    expect(answer === '' || answer.startsWith('E')).toBe(true);
    await alone();
  });

  test.each([
    ['at once', 0],
    ['after a delay', 50],
  ])('but ends its half when it has asked gets its answer %s', async (_, latency) => {
    const raw = rawOf(await it.client());
    it.put({ type: 'pg_latency', attributes: { latency } });
    raw.socket.end(message('Q', 'select 7'));
    expect((await raw.answer('Z')).map((text) => text[0]).join('')).toBe('TDCZ');
    await alone();
  });

  test('claims a gigabyte in the middle of its session, and only its own ends', async () => {
    const raw = rawOf(await it.client());
    put({ sql: 'nothing such' });
    const head = Buffer.from('Q\0\0\0\0');
    head.writeInt32BE(2 ** 30, 1);
    raw.send(head, Buffer.from('select 1'));
    raw.socket.end();
    await once(raw.socket, 'close');
    await alone();
  });
});

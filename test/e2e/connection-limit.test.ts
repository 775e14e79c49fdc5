import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CANCEL_REQUEST, SSL_REQUEST, startup } from '../protocols/postgres/wire.ts';
import { cancel } from '../proxy/postgres/raw.ts';
import { failure, type PostgresStage, postgresStage } from '../proxy/postgres/stage.ts';
import { until } from '../support/until.ts';
import { type RedisStage, startRedisStage } from './redis-stage.ts';

/** All that a server sends to a client that sends this, piece by piece, until it closes. */
async function told(address: { host: string; port: number }, ...pieces: readonly Buffer[]): Promise<string> {
  const socket = connect({ ...address, noDelay: true });
  let got = '';
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const piece of pieces) {
    socket.write(piece);
    if (piece === SSL_REQUEST) await once(socket, 'data');
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await once(socket, 'close');
  return got;
}

describe('connection_limit with an error, in front of Postgres', () => {
  let it: PostgresStage;
  beforeAll(async () => {
    it = await postgresStage();
  });
  afterAll(() => it.close());
  afterEach(async () => {
    it.takeBack();
    await it.hangUp();
  });
  const full = (max: number) => it.put({ type: 'connection_limit', attributes: { max, reject: 'error' } });
  const refused = { code: '53300', severity: 'FATAL', message: 'sorry, too many clients already' };

  test('refuses as a full server does, and lets in when there is a place', async () => {
    const client = await it.client();
    full(1);
    expect(await failure(it.client())).toMatchObject(refused);
    expect((await client.query('select 7 as n')).rows).toEqual([{ n: 7 }]);
    expect(it.counts()).toMatchObject({ matched: 2, injected: 1, skipped: {} });
    expect(it.seen().status).toMatchObject({ '53300': { organic: 0, injected: 1 } });
    await client.end();
    await until('the place is free', () => it.plane.connections().length === 0);
    expect((await (await it.client()).query('select 8 as n')).rows).toEqual([{ n: 8 }]);
  });

  test('answers a request for TLS first, and the start-up in pieces', async () => {
    full(0);
    const packet = startup({ user: 'ada' });
    const pieces = [SSL_REQUEST, packet.subarray(0, 3), packet.subarray(3, 20), packet.subarray(20)];
    const answer = await told(it.address, ...pieces);
    expect(answer[0]).toBe('N');
    expect(answer.slice(6).split('\0')).toEqual([
      'SFATAL',
      'VFATAL',
      'C53300',
      'Msorry, too many clients already',
      '',
      '',
    ]);
  });

  test('lets a cancellation through, which takes no place', async () => {
    const client = await it.client();
    full(1);
    const asleep = failure(client.query('select pg_sleep(60)'));
    const direct = await it.direct();
    await until('it sleeps', async () => {
      const { rows } = await direct.query("select 1 from pg_stat_activity where wait_event = 'PgSleep'");
      return rows.length === 1;
    });
    await cancel(it.address, client);
    expect((await asleep).code).toBe('57014');
    expect(await told(it.address, CANCEL_REQUEST)).toBe('');
  });

  test('lets in whom it would have refused when it is taken back in time', async () => {
    full(0);
    const socket = connect(it.address);
    await until('it is seen', () => it.counts().matched === 1);
    it.takeBack();
    socket.write(startup({ user: it.user, database: it.database }));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String.fromCharCode(answer[0]!)).toBe('R');
    socket.destroy();
  });
});

describe('connection_limit with an error, in front of Redis', () => {
  let it: RedisStage;
  beforeAll(async () => {
    it = await startRedisStage();
  });
  afterAll(() => it.close());
  afterEach(() => it.empty());

  test('refuses unasked, in the words of a server beyond maxclients', async () => {
    const client = await it.client();
    it.inject('connection_limit', { max: 1, reject: 'error' });
    const address = { host: '127.0.0.1', port: it.port };
    const real = await beyondMaxclients();
    expect(await told(address)).toBe(real);
    expect(await failure(it.client())).toBeInstanceOf(Error);
    expect(await client.ping()).toBe('PONG');
    expect(it.counts().injected).toBe(2);
    client.disconnect();
    await until('the place is free', () => it.observed().connections.open === 0);
    expect(await (await it.client()).ping()).toBe('PONG');
  });

  /** What the server itself says when it is full. */
  async function beyondMaxclients(): Promise<string> {
    const { host, port } = it.direct.options;
    const [, before] = (await it.direct.config('GET', 'maxclients')) as [string, string];
    await it.direct.config('SET', 'maxclients', 1);
    try {
      return await told({ host: host!, port: port! });
    } finally {
      await it.direct.config('SET', 'maxclients', before);
    }
  }
});

import { once } from 'node:events';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultlineError } from '../../src/core/errors.ts';
import type { FaultSpec } from '../../src/core/fault.ts';
import type { LeasedDriver } from '../../src/drivers/leased/index.ts';
import { connectPostgresAdmin } from '../../src/drivers/postgres-admin/index.ts';
import { startScript } from '../support/processes.ts';
import { type Service, startPostgres } from '../support/services.ts';
import { until } from '../support/until.ts';

let service: Service;
let driver: LeasedDriver;
let epoch = 0;
const clients: pg.Client[] = [];

const fault = (type: string, attributes = {}, more: Partial<FaultSpec> = {}): FaultSpec => ({
  id: '1.1',
  proxy: 'db',
  type,
  attributes,
  ...more,
});
const apply = (faults: readonly FaultSpec[], lease = '10s') =>
  driver.apply({ run: 'r', epoch, lease, seed: 1, faults });
const refused = async (call: Promise<unknown>) =>
  call.then(
    () => ({ code: 'no error', message: '' }),
    ({ code, message }: FaultlineError) => ({ code, message }),
  );

/** A client of the system under test; `ended` holds the SQLSTATE that ended it. */
async function client(application: string, url = service.url) {
  const connected = new pg.Client({ connectionString: url, application_name: application });
  const seen = { client: connected, ended: '' };
  connected.on('error', (error: Error & { code?: string }) => {
    seen.ended ||= error.code ?? 'closed';
  });
  await connected.connect();
  clients.push(connected);
  return seen;
}
const works = async ({ client }: { client: pg.Client }) => (await client.query('select 1')).rowCount === 1;
const asUser = (name: string) => {
  const url = new URL(service.url);
  url.username = name;
  url.password = 'secret';
  return url.href;
};

beforeAll(async () => {
  service = await startPostgres();
  const { client: setup } = await client('setup');
  await setup.query(`create table tasks (id int primary key); insert into tasks values (1);
    create role plain login password 'secret'; create role signaller login password 'secret' in role pg_signal_backend;
    grant select on tasks to plain; grant usage on schema public to plain`);
}, 60_000);
beforeEach(() => {
  driver = connectPostgresAdmin({ name: 'db', url: service.url });
  epoch = 1;
});
afterEach(async () => {
  await driver.close().catch(() => {});
  await Promise.all(clients.splice(0).map((one) => one.end().catch(() => {})));
});
afterAll(() => service.stop());

describe('pg_terminate', () => {
  test('ends the sessions that its filter names, counts them, and leaves the others', async () => {
    const [api, worker] = [await client('api-1'), await client('worker')];
    const { faults } = await apply([fault('pg_terminate', { application: 'api-*' })]);
    expect(faults).toMatchObject([{ matched: 1, injected: 1 }]);
    await until('the session has ended', () => api.ended === '57P01');
    expect(await works(worker)).toBe(true);
  });

  test('takes the share that the toxicity names', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => client('pool')));
    const { faults } = await apply([fault('pg_terminate', { application: 'pool' }, { toxicity: 0.25 })]);
    expect(faults).toMatchObject([{ matched: 8, injected: 2, skipped: { toxicity: 6 } }]);
    await until('two have ended', () => all.filter(({ ended }) => ended !== '').length === 2);
  });

  test('takes no more than its count, by state and database', async () => {
    const busy = await client('pool');
    await busy.client.query('begin');
    const idle = await client('pool');
    const values = { state: 'idle in transaction', database: 'sandbox', count: 1 };
    expect((await apply([fault('pg_terminate', values)])).faults).toMatchObject([
      { matched: 1, injected: 1 },
    ]);
    await until('the busy one has ended', () => busy.ended === '57P01');
    expect(await works(idle)).toBe(true);
  });

  test('does it again and again until it is taken back', async () => {
    await apply([fault('pg_terminate', { application: 'again', every: 50 })]);
    for (let round = 0; round < 2; round++) {
      const victim = await client('again');
      await until('it has ended', () => victim.ended === '57P01');
    }
    const { previous } = await driver.empty();
    expect(previous).toMatchObject({ faults: [{ injected: 2 }] });
    expect(await works(await client('again'))).toBe(true);
  });

  test('never ends a session of Faultline, not even without a filter', async () => {
    const probe = await client('faultline-probe');
    await apply([fault('pg_terminate'), fault('pg_hold_connections', { connections: 2 }, { id: '1.2' })]);
    expect(await works(probe)).toBe(true);
    expect((await driver.state()).faults).toHaveLength(2);
  });
});

describe('pg_hold_connections', () => {
  const held = async () => {
    const { client: eye } = await client('eye');
    const { rows } = await eye.query(
      "select count(*)::int as n from pg_stat_activity where application_name like 'faultline-admin-%-held'",
    );
    return rows[0].n as number;
  };

  test('holds them, more and fewer with a renewal, and lets go', async () => {
    const hold = (connections: number) => apply([fault('pg_hold_connections', { connections })]);
    expect((await hold(3)).faults).toMatchObject([{ matched: 3, injected: 3 }]);
    expect(await held()).toBe(3);
    expect((await hold(5)).faults).toMatchObject([{ matched: 5, injected: 5 }]);
    expect(await held()).toBe(5);
    await hold(2);
    await until('two are held', async () => (await held()) === 2);
    expect(await driver.empty()).toMatchObject({ faults: [], previous: { faults: [{ injected: 5 }] } });
    await until('none is held', async () => (await driver.state()).faults.length === 0);
    expect(await driver.held()).toBe(0);
  });

  test('fills the server for everybody but its administrators', async () => {
    const { faults } = await apply([fault('pg_hold_connections', { connections: 500 })]);
    expect(faults[0]!.injected).toBeLessThan(500);
    expect(faults[0]!.skipped).toMatchObject({ 'no connection free': 500 - faults[0]!.injected });
    await expect(client('app', asUser('plain'))).rejects.toMatchObject({ code: '53300' });
    await driver.empty();
    await until('there is room again', () => client('app', asUser('plain')).catch(() => false));
  });

  test('is ended by the server itself when nobody renews', async () => {
    await apply([fault('pg_hold_connections', { connections: 2 })], '1s');
    await until('none is held', async () => (await held()) === 0);
  });
});

describe('pg_lock_table', () => {
  test('makes even reading wait, until it is taken back', async () => {
    const { client: app } = await client('app');
    await apply([fault('pg_lock_table', { table: 'tasks' })]);
    await expect(app.query("set lock_timeout = '100ms'; select * from tasks")).rejects.toMatchObject({
      code: '55P03',
    });
    expect(await driver.held()).toBeUndefined();
    const waiting = app.query('reset lock_timeout; select * from tasks');
    await driver.empty();
    await waiting;
    expect((await driver.state()).faults).toEqual([]);
  });

  test('gives the lock up by itself after its time', async () => {
    const { client: app } = await client('app');
    await apply([fault('pg_lock_table', { table: 'public.tasks', hold: '200ms' })]);
    await app.query('select * from tasks');
    expect((await driver.state()).faults).toHaveLength(1);
  });

  test('is refused where somebody holds the table, and leaves nobody waiting behind it', async () => {
    const { client: app } = await client('app');
    await app.query('begin; select * from tasks');
    const { code, message } = await refused(apply([fault('pg_lock_table', { table: 'tasks', wait: 100 })]));
    expect({ code, message }).toMatchObject({
      code: 'DRIVER_REFUSED',
      message: expect.stringMatching(/not free within 100 ms/),
    });
    await app.query('select * from tasks; commit');
    expect((await driver.state()).faults).toEqual([]);
  });

  test('that is taken back while it waits for the lock leaves nobody waiting', async () => {
    const { client: app } = await client('app');
    await app.query('begin; select * from tasks');
    const applying = refused(apply([fault('pg_lock_table', { table: 'tasks', wait: '60s' })]));
    const { client: eye } = await client('eye');
    const waiting = "select 1 from pg_locks where mode = 'AccessExclusiveLock' and not granted";
    await until('it waits', async () => (await eye.query(waiting)).rowCount === 1);
    await driver.empty();
    expect((await applying).code).not.toBe('no error');
    await until('it waits no more', async () => (await eye.query(waiting)).rowCount === 0);
    await app.query('commit');
  });
});

describe('what the server or its user cannot do is refused before anything is changed', () => {
  test.each([
    ['ending sessions of others without the right to', 'plain', fault('pg_terminate'), /pg_signal_backend/],
    [
      'by names that the user does not see',
      'signaller',
      fault('pg_terminate', { application: 'x' }),
      /pg_read_all_stats/,
    ],
    [
      'locking a table that may only be read',
      'plain',
      fault('pg_lock_table', { table: 'tasks' }),
      /UPDATE, DELETE/,
    ],
    ['a table that is not there', 'plain', fault('pg_lock_table', { table: 'nope' }), /no table "nope"/],
  ])('%s', async (_, user, asked, sentence) => {
    const other = connectPostgresAdmin({ name: 'db', url: asUser(user) });
    const { code, message } = await refused(other.check([asked]));
    expect(code).toBe('DRIVER_REFUSED');
    expect(message).toMatch(sentence);
    await other.close();
  });

  test('its own sessions a user may end', async () => {
    const other = connectPostgresAdmin({ name: 'db', url: asUser('plain') });
    const victim = await client('mine', asUser('plain'));
    await other.apply({
      run: 'r',
      epoch,
      lease: '10s',
      seed: 1,
      faults: [fault('pg_terminate', { user: 'plain' })],
    });
    await until('it has ended', () => victim.ended === '57P01');
    await other.close();
  });

  test.each([
    ['a fault of another kind', fault('latency'), 'DRIVER_CANNOT', /knows only pg_hold_connections/],
    ['half a lock', fault('pg_lock_table', { table: 'tasks' }, { toxicity: 0.5 }), 'DRIVER_CANNOT', /100%/],
    ['a match', fault('pg_terminate', {}, { match: { user: 'x' } }), 'DRIVER_CANNOT', /match on "user"/],
    ['a lock without a table', fault('pg_lock_table'), 'INVALID', /"table".*say which table/],
  ])('%s', async (_, asked, code, sentence) => {
    const answer = await refused(driver.check([asked]));
    expect(answer.code).toBe(code);
    expect(answer.message).toMatch(sentence);
  });

  test('a server that is not there, without telling its address', async () => {
    const other = connectPostgresAdmin({ name: 'db', url: 'postgres://u:hunter2@127.0.0.1:9/x' });
    const { code, message } = await refused(other.check([fault('pg_terminate')]));
    expect(code).toBe('DRIVER_UNREACHABLE');
    expect(message).not.toMatch(/hunter2|127/);
    await other.close();
  });
});

test('a controller that is killed leaves nothing, long before its lease is over', async () => {
  const controller = startScript('test/drivers/support/postgres-controller.ts', [service.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(controller.stdout!, 'data'),
    once(controller, 'exit').then(() => Promise.reject(new Error('the controller ended'))),
  ]);
  const { client: observer } = await client('observer');
  const held = async () =>
    (await observer.query("select 1 from pg_stat_activity where application_name like 'faultline-%-held'"))
      .rowCount;
  expect(await held()).toBe(4);
  controller.kill('SIGKILL');
  await until('the server has closed them', async () => (await held()) === 0);
  await observer.query('select * from tasks');
});

test('a server that has ended holds nothing', async () => {
  const own = await startPostgres();
  const beside = connectPostgresAdmin({ name: 'db', url: own.url });
  const faults = [fault('pg_hold_connections', { connections: 2 })];
  await beside.apply({ run: 'r', epoch, lease: '5m', seed: 1, faults });
  await own.stop();
  await beside.empty();
  expect((await beside.state()).faults).toEqual([]);
  expect(beside.remark?.()).toMatch(/^its server has ended/);
  await beside.close();
}, 60_000);

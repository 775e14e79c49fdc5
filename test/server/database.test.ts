import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRunFolder } from '../../src/experiments/journal/index.ts';
import { Controller } from '../../src/server/controller.ts';
import { Database } from '../../src/server/database/database.ts';
import { contend } from '../../src/server/database/leadership.ts';
import { databaseScheduleBook } from '../../src/server/database/schedule-book.ts';
import { databaseScheduleStore } from '../../src/server/database/schedule-store.ts';
import { databaseHistory } from '../../src/server/history/database.ts';
import { fileHistory } from '../../src/server/history/files.ts';
import { Calendar, hourly } from '../support/calendar.ts';
import { type Service, startPostgres } from '../support/services.ts';
import { shortJournal } from '../support/short-journal.ts';
import { until } from '../support/until.ts';

/** A way to the database that can be cut and mended. */
class Way {
  readonly #open = new Set<Socket>();
  readonly #target: number;
  #server: Server | undefined;
  port = 0;

  constructor(target: number) {
    this.#target = target;
  }

  async mend(): Promise<void> {
    this.#server = createServer((client) => {
      const upstream = connect(this.#target, '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#open.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as { port: number }).port;
  }

  async cut(): Promise<void> {
    const closed = once(this.#server!, 'close');
    this.#server!.close();
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
    await closed;
  }
}

let postgres: Service;
let way: Way;
let database: Database;
const folder = mkdtempSync(join(tmpdir(), 'faultline-database-'));
const urlBy = (port: number) => postgres.url.replace(/:\d+\//, `:${port}/`);

beforeAll(async () => {
  postgres = await startPostgres();
  way = new Way(postgres.port);
  await way.mend();
  database = new Database(urlBy(way.port));
});
afterAll(async () => {
  await database.close();
  await way.cut();
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

it('controllers that start at the same time make the tables once', async () => {
  const others = [1, 2, 3].map(() => new Database(postgres.url));
  await Promise.all(others.map((one) => one.query('select 1 from faultline_runs')));
  const rows = await database.query<{ number: number }>('select number from faultline_migrations order by 1');
  expect(rows.map(({ number }) => number)).toEqual([1, 2, 3]);
  await Promise.all(others.map((one) => one.close()));
});

it('an occurrence is claimed by one of several controllers, and what is settled never goes back', async () => {
  const stores = ['a', 'b', 'c'].map((name) => databaseScheduleStore(database, name));
  const claims = await Promise.all(stores.map((store) => store.claim('nightly', '2026-06-01T02:00:00.000Z')));
  expect(claims.filter(Boolean).length).toBe(1);
  await stores[0]!.settle('nightly', 2000);
  await stores[1]!.settle('nightly', 1000);
  expect(await stores[2]!.settled('nightly')).toEqual({ untilMs: 2000, rule: undefined });
  const entry = { schedule: 'nightly', due: '2026-06-01T02:00:00.000Z', at: '2026-06-01T02:00:01.000Z' };
  await stores[0]!.record({ ...entry, state: 'started', run: 'r' });
  await stores[1]!.record({ ...entry, state: 'ended', run: 'r', verdict: 'held' });
  expect((await stores[2]!.history('nightly', 10)).map(({ state }) => state)).toEqual(['ended', 'started']);
});

it('while the database is away a controller tells its own history and says so; what ended meanwhile is carried in when it is back', async () => {
  const runs = join(folder, 'runs');
  const history = databaseHistory(database, fileHistory(runs, 'me'), runs, 'me');
  await way.cut();
  const run = createRunFolder(runs, 'short', Date.UTC(2026, 5, 1));
  const odd = createRunFolder(runs, 'odd', Date.UTC(2026, 4, 1));
  const broken = createRunFolder(runs, 'broken', Date.UTC(2026, 3, 1));
  mkdirSync(join(broken, 'journal.jsonl'));
  const lines = shortJournal().map((event) => JSON.stringify(event));
  writeFileSync(join(run, 'journal.jsonl'), `${lines.join('\n')}\n`);

  // No database takes a character of code 0 in a text.
  writeFileSync(
    join(odd, 'journal.jsonl'),
    `${lines.join('\n').replaceAll('"title":"', '"title":"\\u0000')}\n`,
  );

  expect((await history.list({ limit: 10 })).map(({ controller }) => controller)).toEqual(['me', 'me']);
  expect(history.degraded).toMatch(
    /^the database does not answer since .*; the history is this controller's own/,
  );
  expect(history.degraded).not.toContain(new URL(postgres.url).username);
  await expect(history.summary('of-another-controller')).rejects.toMatchObject({ code: 'DATABASE_AWAY' });

  await way.mend();
  await until('the run is in the database', async () => {
    const rows = await database.query('select 1 from faultline_runs').catch(() => []);
    return rows.length === 1;
  });
  await until('what is amiss is said', () => history.degraded !== undefined);
  expect(history.degraded).toMatch(`runs that are not in the database: ${basename(odd)} (`);
  expect(history.degraded).toContain(`cannot be read: ${basename(broken)}`);
  await history.close();
});

it('what is said of schedules at one controller is known at the others', async () => {
  const [one, other] = [databaseScheduleBook(database), databaseScheduleBook(database)];
  await one.put('weekly', { name: 'weekly', cron: '0 1 * * *' }, 'ada');
  await other.put('weekly', { name: 'weekly', cron: '0 2 * * *' }, 'ben');
  await one.pause('nightly', true);
  expect(await other.read()).toEqual({
    made: [{ entry: { name: 'weekly', cron: '0 2 * * *' }, by: 'ben' }],
    paused: new Map([['nightly', true]]),
  });
  await other.remove('weekly');
  await other.remove('nightly');
  expect(await one.read()).toEqual({ made: [], paused: new Map() });
});

it('what was due while the database was away is started within its deadline or recorded as missed; a run that goes on meanwhile has its end on record', async () => {
  const calendar = new Calendar();
  const store = databaseScheduleStore(database, 'me');
  let trouble: unknown;
  const scheduler = calendar.controller(hourly(), {
    store,
    onLook: (told) => {
      trouble = told;
    },
  });
  const lookUntilWell = () =>
    until('the schedules are played again', async () => {
      await scheduler.look();
      return trouble === undefined;
    });
  await scheduler.look();
  await way.cut();
  calendar.clock.advance(30 * 60_000);
  await scheduler.look();
  expect(trouble).toBeDefined();
  calendar.clock.advance(60_000);
  await way.mend();
  await lookUntilWell();
  expect(calendar.started.length).toBe(1);

  await way.cut();
  calendar.started[0]!.end();
  calendar.clock.advance(70 * 60_000);
  await scheduler.look();
  expect(trouble).toBeDefined();
  await way.mend();
  await lookUntilWell();
  const entries = await store.history('hourly', 10);
  expect(entries.map(({ due, state }) => `${due.slice(11, 16)} ${state}`).toReversed()).toEqual([
    '12:00 claimed',
    '12:00 started',
    '12:00 ended',
    '13:00 missed',
  ]);
  calendar.close();
});

it('a controller says that its schedules cannot be played while the database is away, and no longer when they can', async () => {
  writeFileSync(
    join(folder, 'schedules.yaml'),
    'schedules: [{ name: often, cron: "* * * * * *", experiments: [lab] }]\n',
  );
  writeFileSync(join(folder, 'lab.yaml'), 'name: lab\n');
  const controller = new Controller({
    cwd: folder,
    experiments: '.',
    command: [],
    database: urlBy(way.port),
    channels: [],
    log: () => {},
  });
  await controller.schedules.watch();
  const played = (after: number) =>
    until('an occurrence is dealt with', async () => {
      const [last] = await controller.store.history('often', 1).catch(() => []);
      return last && Date.parse(last.at) > after;
    });
  await played(0);
  expect(controller.degraded).toEqual([]);
  await way.cut();
  await until('it says so', () => controller.degraded.length > 0);
  const away = Date.now();
  await expect(controller.schedules.pause('often', true)).rejects.toThrow(/database does not do its part/);
  expect(controller.degraded.join()).not.toContain('127.0.0.1');
  await way.mend();
  await played(away);
  await until('it says so no longer', () => controller.degraded.length === 0);
  await controller.close();
});

it('the lead is free as soon as the connection of whoever has it ends', async () => {
  const [cut, whole] = [database, new Database(postgres.url)];
  const first = contend(cut, () => {});
  await until('the first leads', () => first.leads);
  const second = contend(whole, () => {});
  await until('both have asked', () => first.leads && !second.leads);
  await way.cut();
  await until('the second leads and the first does not', () => second.leads && !first.leads);
  await way.mend();
  await first.close();
  await second.close();
  await whole.close();
});

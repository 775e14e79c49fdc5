import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/sandbox/platform/config.ts';
import { UnfinishedTasks } from '../../src/sandbox/platform/fragile/unfinished.ts';
import { createMetrics } from '../../src/sandbox/platform/metrics.ts';
import { PooledDatabase } from '../../src/sandbox/platform/resilient/database.ts';
import { QueuedTasks } from '../../src/sandbox/platform/resilient/queued-tasks.ts';
import { RepeatedCompletion } from '../../src/sandbox/platform/resilient/repeated-completion.ts';
import { RequeuedCompletion } from '../../src/sandbox/platform/resilient/requeued-completion.ts';
import { prepareSchema } from '../../src/sandbox/platform/schema.ts';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type System, startSystem } from './system.ts';

const PATTERNS =
  'short-transactions,pool,release,object-pool,shedding,prediction,consolidation-cap,discovery-cache,single-flight,requeue,encryption,access,audit-log';
const QUIET = { AGENT_TASKS_PER_SECOND: '0', WORKSPACES: '5', MEMORY_FEATURES: '1024' };
const QUIET_CONFIG = readConfig({
  DATABASE_URL: 'unused',
  REDIS_URL: 'unused',
  OPENAI_BASE_URL: 'unused',
  OPENAI_API_KEY: 'unused',
  DB_POOL_MAX: '4',
  DB_POOL_OVERFLOW: '0',
});
/** Looks at load often enough for a test, and counts 50 tasks as all it can take. */
const WATCHFUL = {
  QUEUE_LIMIT: '50',
  SHED_EVERY_SECONDS: '0.2',
  PREDICT_EVERY_SECONDS: '0.2',
  PREDICT_LOOKS_AHEAD: '10',
};
const PROVIDER_KEY = 'sk-live-0123456789abcdef';

describeWithRedis('the platform with its data patterns', () => {
  let system: System;
  let redis: Redis;
  beforeAll(async () => {
    system = await startSystem(
      { ...QUIET, WORKERS: '12', WORKING_SETS_BYTES: String(8 << 20), ...WATCHFUL },
      { SIMULATOR_TOKEN_MS: '5' },
      PATTERNS,
    );
    redis = new Redis(system.services.redis.url);
  });
  afterEach(() => system.gate.open());
  afterAll(async () => {
    redis?.disconnect();
    await system?.stop();
  });

  const as = async (user: string, path: string) =>
    (await fetch(system.platform.url + path, { headers: { 'x-user': user } })).status;
  const create = async (count: number) => {
    const created = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        system.post(`/workspaces/${1 + (at % 5)}/tasks`, { title: 'Work' }),
      ),
    );
    return created.map(({ body }) => String(body.id));
  };
  const allDone = (ids: readonly string[]) =>
    until('all tasks are done', async () => {
      const [row] = await system.sql<{ n: number }>(
        `select count(*)::int as n from tasks where state = 'done' and id = any($1)`,
        [ids],
      );
      return row!.n === ids.length;
    });
  const invariants = async () => (await system.sql('select * from invariants'))[0];
  const openDatabase = async (releases = true) => {
    const metrics = createMetrics();
    const config = { ...QUIET_CONFIG, databaseUrl: system.services.postgres.url };
    const limits = { application_name: 'patterns of data' };
    return { database: await PooledDatabase.open(config, metrics, limits, releases), metrics };
  };
  const KEPT = { lost: '0', duplicated: '0', without_deliverable: '0', finished_and_given_up: '0' };

  test('holds no database connection, and no more memory than its pool has, while the AI is silent', async () => {
    expect(await system.metric('db_pool_size')).toBe(38);
    system.gate.shut();
    const ids = await create(12);
    await until('they are worked on', async () => {
      const [row] = await system.sql<{ n: number }>(
        `select count(*)::int as n from tasks where state = 'running'`,
      );
      return row!.n === 12;
    });
    await until('nothing is lent', async () => (await system.metric('db_pool_in_use')) === 0);
    expect(await system.metric('tasks_unfinished')).toBe(12);
    expect(await system.metric('memory_held_bytes')).toBe(8 << 20);
    expect(await system.metric('working_sets_refused')).toBe(4);
    expect((await system.get('/workspaces/1', 2000)).status).toBe(200);
    system.gate.open();
    await allDone(ids);
    expect(await system.metric('memory_held_bytes')).toBe(0);
  });

  test('finishes each task exactly once though its connections are killed again and again', async () => {
    const ids = await create(30);
    for (let round = 0; round < 5; round++) {
      await sleep(40);
      await system.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and application_name = ''`,
      );
    }
    await allDone(ids.filter((id) => id !== 'undefined'));
    expect(await invariants()).toEqual(KEPT);
    expect(await system.metric('db_pool_leaked')).toBe(0);
  });

  test('foresees a rush and opens connections, then sheds by priority, and finishes it all in the end', async () => {
    const connections = async () =>
      (
        await system.sql<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where application_name = ''`,
        )
      )[0]!.n;
    const post = (workspace: number) => system.post(`/workspaces/${workspace}/tasks`, { title: 'Rush' });
    system.gate.shut();
    const ids: string[] = [];
    await until('half of the pool is open ahead of the rush', async () => {
      ids.push(String((await post(2)).body.id));
      const shown = await (await fetch(`${system.platform.url}/metrics`)).text();
      const raised = 'preparations_total{name="raise-pool",what="prepare",ok="true"}';
      return shown.includes(raised) && (await connections()) >= 19;
    });
    expect(await system.metric('operations_notices_total')).toBeGreaterThan(0);
    const refused = await until('small customers are refused', async () => {
      const answer = await post(3);
      if (answer.status === 503) return answer;
      const more = await Promise.all([2, 2, 2].map(post));
      ids.push(...[answer, ...more].map(({ body }) => String(body.id)));
      return undefined;
    });
    expect(refused.body.error).toMatch(/^load is shed \((high|critical)\)/);
    ids.push(String((await post(2)).body.id));
    await until('some are parked', async () => (await system.metric('tasks_parked')) > 0);

    system.gate.open();
    await allDone(ids);
    await until('nothing waits any more', async () => (await system.metric('shed_waiting')) === 0);
    expect(await invariants()).toEqual(KEPT);
  });

  test('takes again what was taken and forgotten, and what a former process left', async () => {
    const [forgotten] = await system.sql<{ id: string }>(
      `insert into tasks (workspace_id, title, state, taken_at) values (3, 'half done', 'running', now() - interval '1 hour')
       returning id`,
    );
    await allDone([forgotten!.id]);
    await system.sql(
      `insert into tasks (workspace_id, title, state, taken_at) values (3, 'left', 'running', now() + interval '1 hour')`,
    );
    const pool = new pg.Pool({ connectionString: system.services.postgres.url, max: 1 });
    await prepareSchema(pool, 5, 'requeued');
    await pool.end();
    await until(
      'it is done',
      async () =>
        (await system.sql(`select from tasks where title = 'left' and state = 'done'`)).length === 1,
    );
    expect(await invariants()).toEqual(KEPT);
  });

  test.each([
    ['requeue', KEPT],
    ['nothing', { ...KEPT, duplicated: '1' }],
  ])(
    'a deliverable whose acknowledgement is lost is, with %s, seen by the invariants',
    async (pattern, seen) => {
      const { database, metrics } = await openDatabase();
      const [row] = await system.sql<{ id: string }>(
        `insert into tasks (workspace_id, title, state, taken_at) values (3, 'lost ack', 'running', now() + interval '1 hour')
       returning id`,
      );
      const task = { id: row!.id, workspace_id: 3, title: 'lost ack', plan: 'starter' };
      const answer = { content: 'the deliverable', finishReason: 'stop' };
      const queued = new QueuedTasks(database, new UnfinishedTasks(QUIET_CONFIG, createMetrics()), metrics);
      const completion =
        pattern === 'requeue'
          ? new RequeuedCompletion(queued.requeue, metrics)
          : new RepeatedCompletion(database, metrics);
      await database.write((client) => completion.store(client, task, answer));
      await completion.broken(task, answer);
      await queued.requeue.flush();
      const [{ state }] = (await system.sql('select state from tasks where id = $1', [task.id])) as [
        { state: string },
      ];
      expect(state).toBe('done');
      expect(await invariants()).toEqual(seen);
      await system.sql('delete from deliverables where task_id = $1', [task.id]);
      await system.sql('delete from tasks where id = $1', [task.id]);
      await database.pool.end();
    },
  );

  test('reloads a workspace once for all who miss it', async () => {
    await redis.flushall();
    const before = await system.metric('cache_reloads_total');
    await Promise.all(Array.from({ length: 40 }, () => system.get('/workspaces/4')));
    expect(await system.metric('cache_reloads_total')).toBe(before + 1);
    expect(await system.metric('cache_stampede_reloads_total')).toBe(0);
  });

  test('is found at its last known address when the registry forgets it', async () => {
    const { body } = await until('it is announced', async () => {
      const answer = await system.get('/services/orchestrator');
      return answer.status === 200 && answer;
    });
    expect(Date.parse(String(body.seen))).toBeGreaterThan(0);
    await redis.del('service:orchestrator');
    expect((await system.get('/services/orchestrator', 2000)).status).toBe(200);
    expect((await system.get('/services/nobody', 2000)).status).toBe(503);
  });

  test('keeps a provider key encrypted, shows its end alone, and to its owner alone', async () => {
    const url = `${system.platform.url}/workspaces/2/keys`;
    const owner = { 'x-user': 'user-2', 'content-type': 'application/json' };
    const body = JSON.stringify({ provider: 'openai', key: PROVIDER_KEY });
    expect((await fetch(url, { method: 'POST', headers: owner, body })).status).toBe(201);
    const [stored] = await system.sql<{ key: string }>('select key from provider_keys');
    expect(stored!.key).toMatch(/^v1:/);
    const shown = await fetch(url, { headers: owner });
    expect(await shown.json()).toEqual([{ provider: 'openai', key: '…cdef' }]);
    expect((await system.get('/workspaces/2/keys')).status).toBe(401);
    expect(await as('user-3', '/workspaces/2/keys')).toBe(403);
    expect(await as('user-3', '/workspaces/2')).toBe(403);
  });

  test('records who did what, without content, in a table that nobody can change', async () => {
    expect(await as('user-5', '/workspaces/1')).toBe(403);
    const entry = { actor: 'user-5', action: 'GET /workspaces/:id', object: '1', status: 403 };
    await until('it is written', async () =>
      (
        await system.sql('select actor, action, object, status from audit_log order by id desc limit 20')
      ).find(({ actor }) => actor === 'user-5'),
    ).then((written) => expect(written).toEqual(entry));
    expect(JSON.stringify(await system.sql('select * from audit_log'))).not.toContain(PROVIDER_KEY);
    await expect(system.sql('delete from audit_log')).rejects.toThrow('append-only');
  });

  test('consolidates a limited number of memories a cycle and leaves the rest for later', async () => {
    const { body } = await system.post('/workspaces/1/consolidate', { factor: 100 });
    expect(body).toMatchObject({ memories: 100, correlations: 4950, complete: true });
    expect(body.deferred).toBeGreaterThan(0);
    expect(await system.metric('consolidation_correlations_total')).toBe(4950);
    expect(await system.sql('select memories, complete from consolidations')).toEqual([
      { memories: 100, complete: true },
    ]);
  });

  test.each([
    [true, 0],
    [false, 3],
  ])('with release %s, three failed writes cost %d connections', async (releases, leaked) => {
    // The pool tells of each connection that is ended below.
    vi.spyOn(console, 'error').mockReturnValue();
    const { database, metrics } = await openDatabase(releases);
    for (let at = 0; at < 3; at++)
      await expect(database.write((client) => client.query('select 1 / 0'))).rejects.toThrow('division');
    expect(await database.read('select 1 as one')).toEqual([{ one: 1 }]);
    const shown = await metrics.registry.getSingleMetricAsString('db_pool_leaked');
    expect(shown).toMatch(new RegExp(`^db_pool_leaked ${leaked}$`, 'm'));
    expect(database.connections.inUse).toBe(leaked);
    await system.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'patterns of data'`,
    );
    void database.pool.end();
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadScenario } from '../../src/core/plan.ts';
import { startLoad } from '../../src/load/index.ts';
import { profileOf } from '../../src/load/profiles/index.ts';
import { toTraffic } from '../../src/load/traffic.ts';
import { startPlatform } from '../../src/sandbox/index.ts';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type System, startSystem } from './system.ts';

describeWithRedis('the platform on real services', () => {
  let system: System;
  let redis: Redis;
  beforeAll(async () => {
    system = await startSystem(
      { AGENT_TASKS_PER_SECOND: '0', WORKSPACES: '5' },
      { SIMULATOR_TOKEN_MS: '40' },
    );
    redis = new Redis(system.services.redis.url);
  });
  afterAll(async () => {
    redis?.disconnect();
    await system?.stop();
  });

  async function requests(): Promise<number> {
    const response = await fetch(`${system.services.provider.url}/simulator/stats`);
    return ((await response.json()) as { requests: number }).requests;
  }

  test('completes a task end to end and keeps its deliverable', async () => {
    const created = await system.post('/workspaces/1/tasks', { title: 'Draft the reply' });
    expect(created).toMatchObject({ status: 201, body: { state: 'pending' } });
    const path = `/tasks/${created.body.id}`;
    const task = await until('the task is done', async () => {
      const { body } = await system.get(path);
      return body.state === 'done' && body;
    });
    expect(task).toMatchObject({
      workspace_id: 1,
      title: 'Draft the reply',
      finish_reason: 'stop',
      content: expect.stringMatching(/^Simulated: /),
    });
    expect(await system.metric('tasks_completed_total')).toBe(1);
    expect(await system.metric('memory_held_bytes')).toBe(0);
  });

  test('serves a workspace through the cache, its counts fresh', async () => {
    const hits = await system.metric('cache_hits_total');
    const first = await system.get('/workspaces/2');
    expect(first).toEqual({
      status: 200,
      body: { id: 2, name: 'Workspace 2', plan: 'enterprise', latest: [], tasks: {} },
    });
    expect(await redis.ttl('workspace:2')).toBeGreaterThan(0);
    await system.sql(`insert into tasks (workspace_id, title, state) values (2, 'x', 'failed')`);
    const second = await system.get('/workspaces/2');
    expect(second.body.tasks).toEqual({ failed: 1 });
    expect(await system.metric('cache_hits_total')).toBe(hits + 1);
  });

  test('knows what does not exist and what is no number', async () => {
    expect((await system.get('/workspaces/99')).status).toBe(404);
    expect((await system.post('/workspaces/99/tasks', { title: 'x' })).status).toBe(404);
    expect((await system.get('/tasks/999999')).status).toBe(404);
    expect((await system.get('/workspaces/zero')).status).toBe(400);
    expect((await system.post('/workspaces/1/tasks', { title: '' })).status).toBe(400);
    expect(await system.metric('tasks_unfinished')).toBe(0);
  });

  test('is healthy as long as its orchestrator is in the registry', async () => {
    expect((await system.get('/health')).body).toMatchObject({ status: 'ok' });
    expect(await redis.ttl('service:orchestrator')).toBeGreaterThan(0);
    await until('it is counted', async () => (await system.metric('registry_services')) === 1);
  });

  test('asks the provider again when an answer is cut off', async () => {
    const asked = await requests();
    const { body } = await system.post('/workspaces/4/tasks', { title: 'Cut off' });
    await until('the question is asked', async () => (await requests()) > asked);
    system.gate.cut();
    await until(
      'the task is done',
      async () => (await system.get(`/tasks/${body.id}`)).body.state === 'done',
    );
    expect(await requests()).toBe(asked + 2);
    expect((await system.get(`/tasks/${body.id}`)).body.finish_reason).toBe('stop');
  });

  test('goes on after all database connections were killed', async () => {
    await system.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await until('it reads again', async () => (await system.get('/workspaces/1')).status === 200);
    const { body } = await system.post('/workspaces/1/tasks', { title: 'After the kill' });
    await until('it works again', async () => (await system.get(`/tasks/${body.id}`)).body.state === 'done');
  });

  test('answers what users do all day: every scenario of the load profiles, none wrong', async () => {
    const here = (list: readonly LoadScenario[]): LoadScenario[] =>
      JSON.parse(JSON.stringify(list).replaceAll('{1..60}', '{1..5}'));
    const { traffic } = toTraffic({ profile: 'burst', target: system.platform.url });
    const load = startLoad({
      target: system.platform.url,
      connections: 10,
      rate: 60,
      requests: [],
      traffic: {
        ...traffic!,
        stages: [{ name: 'all', durationMs: 1000, counts: 'rate', level: { from: 60, to: 60 } }],
        scenarios: [...here(profileOf('normal-day').scenarios), ...profileOf('agents').scenarios],
      },
    });
    await until('each was tried', async () =>
      Object.values((await load.seen()).traffic!.scenarios).every(({ requests }) => requests > 0),
    );
    const { scenarios } = (await load.stop(20_000)).traffic!;
    expect(Object.entries(scenarios).filter(([, { failed }]) => failed > 0)).toEqual([]);
    expect(Object.keys(scenarios)).toHaveLength(14);
    await until('uploads are worked through', async () => (await system.metric('uploads_queued')) === 0);
  });

  test('keeps the state of an agent, and the newest', async () => {
    const path = '/users/agents/a-1/state';
    const put = (state: string) =>
      fetch(system.platform.url + path, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ state }),
      });
    expect((await system.get(path)).body).toEqual({ agent: 'a-1', version: 0, state: '' });
    await put('first');
    expect((await system.get(path)).body).toEqual({ agent: 'a-1', version: 1, state: 'first' });
    await put('second');
    expect((await system.get(path)).body).toMatchObject({ version: 2, state: 'second' });
    expect((await system.get('/users/uploads/none')).status).toBe(404);
    const sum = await system.post('/users/calculations', { operation: 'mean', values: [0.1, 0.2] });
    expect(sum.body.result).toBe(0.15);
  });

  test('counts tasks as lost that a former process had in memory', async () => {
    await system.sql(
      `insert into tasks (workspace_id, title, state, taken_at) values (3, 'half done', 'running', now())`,
    );
    const next = await startPlatform({
      databaseUrl: system.services.postgres.url,
      redisUrl: system.services.redis.url,
      openaiBaseUrl: `${system.services.provider.url}/v1`,
      apiKey: 'sk-test',
      env: { AGENT_TASKS_PER_SECOND: '0', WORKSPACES: '5' },
    });
    try {
      expect(await system.sql(`select title from tasks where state = 'lost'`)).toEqual([
        { title: 'half done' },
      ]);
    } finally {
      await next.stop();
    }
  });

  test('ends by an answer that is no JSON, and is started again', async () => {
    const provider = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices":[{"del\n\n');
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const platform = await startPlatform({
      databaseUrl: system.services.postgres.url,
      redisUrl: system.services.redis.url,
      openaiBaseUrl: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`,
      apiKey: 'sk-test',
      restartAfter: 200,
      // The other platform takes some of its tasks.
      env: { AGENT_TASKS_PER_SECOND: '10', WORKSPACES: '5' },
    });
    const { pid } = platform;
    const answers = () =>
      fetch(`${platform.url}/workspaces/1`).then(
        (response) => response.ok,
        () => false,
      );
    try {
      await until('it has ended', async () => !(await answers()));
      await until('it is back', answers);
      expect(platform.pid).not.toBe(pid);
    } finally {
      await platform.stop();
      provider.close();
    }
    expect(await answers(), 'stopped for good').toBe(false);
  });

  test('fails to start with its own last words when it is told nonsense', async () => {
    const starting = startPlatform({
      databaseUrl: system.services.postgres.url,
      redisUrl: system.services.redis.url,
      openaiBaseUrl: `${system.services.provider.url}/v1`,
      apiKey: 'sk-test',
      env: { WORKERS: 'many' },
    });
    await expect(starting).rejects.toThrow(
      /the platform ended while starting\. Its last words: .*WORKERS must be a number, not "many"/,
    );
  });
});

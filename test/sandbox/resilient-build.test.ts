import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type System, startSystem } from './system.ts';

const PATIENCE = 3000;

describeWithRedis('while its AI provider hangs, the resilient platform', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(
      { AGENT_TASKS_PER_SECOND: '8', WORKSPACES: '6', TIME_SCALE: '15', DB_POOL_SIZE: '12' },
      {},
      'all',
    );
  });
  afterAll(() => system?.stop());

  const count = async (condition: string) =>
    (
      await system.sql<{ n: number }>(`select count(*)::int as n from tasks t left join deliverables d
       on d.task_id = t.id where ${condition}`)
    )[0]!.n;

  test('goes on creating, finishing and reading, and is whole again afterwards', async () => {
    await until('tasks are completed', async () => (await count(`state = 'done'`)) > 5);
    expect((await system.get('/health')).body.status).toBe('ok');

    system.gate.shut();
    await until('the breaker opens', async () => (await system.metric('breaker_state')) === 2);
    await until('the AI counts as degraded', async () => (await system.metric('degradation_level')) === 1);
    const created = await system.post('/workspaces/1/tasks', { title: 'Draft the reply' }, PATIENCE);
    expect(created.status).toBe(201);
    const task = await until('it is finished', async () => {
      const { body } = await system.get(`/tasks/${created.body.id}`, PATIENCE);
      return body.state === 'done' && body;
    });
    expect(task).toMatchObject({
      finish_reason: 'fallback',
      content: expect.stringContaining('# Draft the reply'),
    });
    expect((await system.get('/workspaces/2', PATIENCE)).status).toBe(200);
    expect(await system.get('/health', PATIENCE)).toMatchObject({
      status: 200,
      body: { status: 'ai-degraded', ai: 'failing', database: 'ok' },
    });
    expect(await system.metric('db_pool_waiting')).toBe(0);
    expect(await system.metric('ai_oldest_call_seconds')).toBeLessThan(5);

    system.gate.open();
    await until(
      'the AI answers',
      async () => (await count(`finish_reason = 'stop' and t.id > ${task.id}`)) > 0,
    );
    await until('all is well', async () => (await system.metric('degradation_level')) === 0);
    expect(await count(`state in ('lost', 'failed')`)).toBe(0);
  }, 60_000);
});

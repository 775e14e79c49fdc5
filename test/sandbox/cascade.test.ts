import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithRedis } from '../support/services.ts';
import { until } from '../support/until.ts';
import { type System, startSystem } from './system.ts';

const TASK = 64 * 1024;
const PATIENCE = 1000;

/**
 * The demo's outage in small: writes stall at 18 unfinished tasks, the pool is dry about 16 later, and the heartbeat
 * that stalled with the writes expires last.
 */
const SMALL = {
  AGENT_TASKS_PER_SECOND: '8',
  WORKERS: '2',
  TASKS_PER_EXTRA_WORKER: '3',
  DB_WRITERS: '8',
  DB_POOL_SIZE: '24',
  HEARTBEAT_SECONDS: '6',
  WORKING_SET_BYTES: String(TASK),
};

describeWithRedis('when the AI provider hangs, the fragile platform', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(SMALL);
  });
  afterAll(() => system?.stop());

  const count = async (state: string) =>
    (await system.sql<{ n: number }>('select count(*)::int as n from tasks where state = $1', [state]))[0]!.n;

  /** When a request was sent that got no answer. */
  async function unanswered(path: string, body?: object): Promise<number | undefined> {
    const sentAt = performance.now();
    try {
      await (body ? system.post(path, body, PATIENCE) : system.get(path, PATIENCE));
      return undefined;
    } catch {
      return sentAt;
    }
  }

  test('falls stage by stage, and stands up again once the provider answers', async () => {
    await until('tasks are completed', async () => (await count('done')) > 10);
    expect((await system.get('/workspaces/1')).status).toBe(200);

    await until('the platform is calm', async () => (await system.metric('tasks_unfinished')) < 8, 30_000);
    const before = await count('done');
    system.gate.shut();
    const now = (condition: boolean) => (condition ? performance.now() : undefined);
    const stages = {
      'AI calls hang': async () => {
        const seconds = await system.metric('ai_oldest_call_seconds');
        return seconds > 1.5 ? performance.now() - seconds * 1000 : undefined;
      },
      'the queue grows': async () => now((await system.metric('queue_depth')) >= 6),
      'writes stall': () => unanswered('/workspaces/1/tasks', { title: 'probe' }),
      'memory climbs': async () => now((await system.metric('memory_held_bytes')) >= 27 * TASK),
      'reads stall': () => unanswered('/workspaces/2'),
      'nothing answers': () => unanswered('/health'),
    };
    const seen = await Promise.all(
      Object.entries(stages).map(async ([stage, look]) => ({
        stage,
        at: await until(stage, look, 60_000),
      })),
    );
    const inOrder = [...seen].sort((a, b) => a.at - b.at).map(({ stage }) => stage);
    expect(inOrder).toEqual(Object.keys(stages));
    const done = await count('done');
    expect(done - before, 'only answers under way were completed').toBeLessThanOrEqual(8);
    expect(await system.metric('db_pool_waiting')).toBeGreaterThan(0);

    system.gate.open();
    await until('reads are served', async () => (await unanswered('/workspaces/2')) === undefined);
    await until('writes are served', async () => (await unanswered('/workspaces/1/tasks', {})) === undefined);
    await until('health is answered', async () => (await unanswered('/health')) === undefined);
    await until('the queue is worked off', async () => (await system.metric('tasks_unfinished')) < 9, 30_000);
    expect(await count('done')).toBeGreaterThan(done);
    expect(await count('lost')).toBe(0);
    expect(await count('failed')).toBe(0);
  }, 120_000);
});

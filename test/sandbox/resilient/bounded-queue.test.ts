import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import {
  BoundedQueue,
  type BoundedQueueOptions,
} from '../../../src/sandbox/platform/resilient/bounded-queue.ts';
import { importanceOf } from '../../../src/sandbox/platform/resilient/importance.ts';
import { meters, TASK } from './support.ts';

function queueOf(options: Partial<BoundedQueueOptions> = {}) {
  const { metrics, value } = meters();
  const paused: number[] = [];
  const state = { unfinished: 0 };
  const queue = new BoundedQueue(
    {
      limit: 1000,
      unfinished: () => state.unfinished,
      planOf: async () => 'starter',
      pause: async (ms) => paused.push(ms),
      ...options,
    },
    metrics,
  );
  return { queue, value, paused, state };
}

describe('importance by rules', () => {
  test.each([
    ['enterprise', 'Draft the reply', 'high'],
    ['enterprise', 'anything', 'medium'],
    ['team', 'Prepare the figures', 'high'],
    ['team', 'Summarise the interviews', 'medium'],
    ['starter', 'Draft the reply', 'medium'],
    ['starter', 'Compare three suppliers', 'low'],
    ['starter', 'anything', 'low'],
  ])('of a %s workspace: %s is %s', (plan, title, importance) => {
    expect(importanceOf({ plan, title })).toBe(importance);
  });
});

describe('the bounded queue', () => {
  test('hands out important tasks first, and equals in their order', () => {
    const { queue } = queueOf();
    const task = (id: string, plan: string, title: string) => ({ ...TASK, id, plan, title });
    queue.put([
      task('low', 'starter', 'x'),
      task('medium', 'starter', 'Draft it'),
      task('high 1', 'enterprise', 'Draft it'),
      task('high 2', 'enterprise', 'Draft it'),
    ]);
    const order = Array.from({ length: 5 }, () => queue.next()?.id);
    expect(order).toEqual(['high 1', 'high 2', 'medium', 'low', undefined]);
  });

  test('has no room beyond its limit', () => {
    const { queue } = queueOf({ limit: 3 });
    queue.put([TASK, TASK]);
    expect(queue.room).toBe(1);
    queue.put([TASK]);
    expect([queue.room, queue.usage]).toEqual([0, 1]);
  });

  test.each([
    [799, 'low', true, []],
    [800, 'low', false, []],
    [800, 'medium', true, [1600]],
    [950, 'medium', true, [1900]],
    [999, 'high', true, []],
  ] as const)(
    'with %i of 1,000 tasks a %s one: admitted %s after %j ms',
    async (unfinished, importance, admitted, waits) => {
      const { queue, state, paused, value } = queueOf();
      state.unfinished = unfinished;
      expect(await queue.admit(importance)).toBe(admitted);
      expect(paused).toEqual(waits);
      expect(await value('queue_refused_total')).toBe(admitted ? 0 : 1);
      expect(await value('queue_delayed_total')).toBe(waits.length);
    },
  );

  test.each(['high', 'medium'] as const)(
    'lets a %s task wait 10 s for a place in a full queue',
    async (importance) => {
      const { queue, state, paused } = queueOf();
      state.unfinished = 1000;
      expect(await queue.admit(importance)).toBe(false);
      expect(paused.reduce((sum, ms) => sum + ms)).toBe(10_000);
    },
  );

  test('lets a waiting task in once there is a place', async () => {
    const state = { unfinished: 1000, waits: 0 };
    const { queue } = queueOf({
      unfinished: () => state.unfinished,
      pause: async () => {
        if (++state.waits === 5) state.unfinished = 999;
      },
    });
    expect(await queue.admit('high')).toBe(true);
    expect(state.waits).toBe(5);
  });

  test('answers 429 with Retry-After to who is not let in, and reads are not its matter', async () => {
    const { queue, state } = queueOf();
    state.unfinished = 900;
    const app = Fastify();
    queue.guard(app);
    app.post('/workspaces/:id/tasks', async () => ({}));
    app.get('/workspaces/:id', async () => ({}));
    const created = await app.inject({ method: 'POST', url: '/workspaces/1/tasks', payload: { title: 'x' } });
    expect([created.statusCode, created.headers['retry-after']]).toEqual([429, '10']);
    expect((await app.inject('/workspaces/1')).statusCode).toBe(200);
  });
});

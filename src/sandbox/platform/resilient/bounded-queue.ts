import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { Task, TaskQueue } from '../parts.ts';
import { type Importance, importanceOf } from './importance.ts';

/** Share of the queue from which on it pushes back. */
const PRESSURE = 0.8;
/** Time in ms to get into a full queue. */
const TO_GET_IN = 10_000;
const LOOK_AGAIN = 100;
const ORDER: readonly Importance[] = ['high', 'medium', 'low'];

export interface BoundedQueueOptions {
  readonly limit: number;
  /** Tasks begun and not finished, wherever they are. */
  readonly unfinished: () => number;
  /** Plan of a workspace; nothing when there is no such workspace. */
  readonly planOf: (workspaceId: number) => Promise<string | undefined>;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Important tasks first, at most `limit` of them; from 80% on low ones are refused and medium ones have to wait. */
export class BoundedQueue implements TaskQueue {
  readonly #options: BoundedQueueOptions;
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #lanes: Readonly<Record<Importance, Task[]>> = { high: [], medium: [], low: [] };
  readonly #refused: Counter<'importance'>;
  readonly #delayed: Counter<'importance'>;

  constructor(options: BoundedQueueOptions, metrics: Metrics) {
    this.#options = options;
    this.#pause = options.pause ?? sleep;
    metrics.watch('queue_depth', 'Tasks that wait for a worker', () => this.depth);
    metrics.watch('queue_limit', 'Tasks that may wait for a worker', () => options.limit);
    metrics.watch('queue_usage', 'Share of the queue that is taken, 0 to 1', () => this.usage);
    this.#refused = metrics.labelled('queue_refused_total', 'Tasks that were not taken on', 'importance');
    this.#delayed = metrics.labelled('queue_delayed_total', 'Tasks that had to wait first', 'importance');
  }

  get depth(): number {
    return ORDER.reduce((sum, importance) => sum + this.#lanes[importance].length, 0);
  }

  get room(): number {
    return Math.max(0, this.#options.limit - this.depth);
  }

  get usage(): number {
    return Math.max(this.depth, this.#options.unfinished()) / this.#options.limit;
  }

  put(tasks: readonly Task[]): void {
    for (const task of tasks) this.#lanes[importanceOf(task)].push(task);
  }

  next(): Task | undefined {
    return ORDER.map((importance) => this.#lanes[importance])
      .find((lane) => lane.length > 0)
      ?.shift();
  }

  /** Whether a new task is taken on; resolves once it may come in, after 10 s at the latest. */
  async admit(importance: Importance): Promise<boolean> {
    const admitted = await this.#comeIn(importance);
    if (!admitted) this.#refused.inc({ importance });
    return admitted;
  }

  /** Lets new tasks in by their importance, or answers 429. */
  readonly guard = (app: FastifyInstance): void => {
    app.addHook<{ Params: { id: number }; Body: { title?: string } | null }>(
      'preHandler',
      async (request, reply) => {
        if (request.method !== 'POST' || request.routeOptions.url !== '/workspaces/:id/tasks') return;
        if (this.usage < PRESSURE) return;
        const plan = await this.#options.planOf(request.params.id);
        if (plan === undefined) return;
        if (await this.admit(importanceOf({ title: request.body?.title ?? '', plan }))) return;
        return reply
          .code(429)
          .header('retry-after', TO_GET_IN / 1000)
          .send({ error: 'too many tasks wait; this one was not taken on' });
      },
    );
  };

  async #comeIn(importance: Importance): Promise<boolean> {
    if (this.usage < PRESSURE) return true;
    if (importance === 'low') return false;
    let left = TO_GET_IN;
    if (importance === 'medium') {
      this.#delayed.inc({ importance });
      const delay = 2000 * Math.min(1, this.usage);
      left -= delay;
      await this.#pause(delay);
    }
    for (; this.usage >= 1; left -= LOOK_AGAIN) {
      if (left <= 0) return false;
      await this.#pause(LOOK_AGAIN);
    }
    return true;
  }
}

import type pg from 'pg';
import type { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { Answer, Completion, Task } from '../parts.ts';
import type { Requeue } from './requeue.ts';

/** How often a task is begun before it is given up for want of an answer. */
const ATTEMPTS = 5;

/** One statement, so that no failure parts the deliverable from the state; whoever comes second changes nothing. */
const STORE = `
  with finished as (
    update tasks set state = 'done', finished_at = now() where id = $1 and state in ('pending', 'running') returning id
  )
  insert into deliverables (task_id, content, finish_reason) select id, $2, $3 from finished`;

/** Back into the queue after 1, 2, 4 … seconds, or given up. */
const FAIL = `
  update tasks set attempts = attempts + 1,
    state = case when attempts + 1 < ${ATTEMPTS} then 'pending' else 'failed' end,
    taken_at = case when attempts + 1 < ${ATTEMPTS} then null else taken_at end,
    finished_at = case when attempts + 1 < ${ATTEMPTS} then null else now() end,
    not_before = now() + make_interval(secs => 2 ^ attempts)
  where id = $1 and state in ('pending', 'running') returning state`;

/** A task that cannot be brought to its end goes back into the queue, and is finished exactly once. */
export class RequeuedCompletion implements Completion {
  readonly #requeue: Requeue;
  readonly #metrics: Metrics;
  readonly #repeated: Counter;

  constructor(requeue: Requeue, metrics: Metrics) {
    this.#requeue = requeue;
    this.#metrics = metrics;
    this.#repeated = metrics.counter(
      'tasks_repeated_total',
      'Tasks that were worked on again though their deliverable was stored; it stays the first one',
    );
  }

  async store(client: pg.PoolClient, task: Task, answer: Answer): Promise<void> {
    const { rowCount } = await client.query(STORE, [task.id, answer.content, answer.finishReason]);
    this.#requeue.settle(task.id);
    if (rowCount === 0) this.#repeated.inc();
    else this.#metrics.tasksCompleted.inc();
  }

  async fail(client: pg.PoolClient, task: Task): Promise<void> {
    const { rows } = await client.query<{ state: string }>(FAIL, [task.id]);
    this.#requeue.settle(task.id);
    if (rows[0]?.state === 'failed') this.#metrics.tasksFailed.inc();
  }

  async broken(task: Task, _answer: Answer | undefined): Promise<void> {
    this.#requeue.add(task.id);
  }
}

import type pg from 'pg';
import type { Metrics } from '../metrics.ts';
import type { Answer, Completion, Database, Task } from '../parts.ts';

/** Writes deliverable and state one after the other; a task whose write fails is lost. */
export class LossyCompletion implements Completion {
  readonly #database: Database;
  readonly #metrics: Metrics;

  constructor(database: Database, metrics: Metrics) {
    this.#database = database;
    this.#metrics = metrics;
  }

  async store(client: pg.PoolClient, task: Task, answer: Answer): Promise<void> {
    await client.query('insert into deliverables (task_id, content, finish_reason) values ($1, $2, $3)', [
      task.id,
      answer.content,
      answer.finishReason,
    ]);
    await client.query(`update tasks set state = 'done', finished_at = now() where id = $1`, [task.id]);
    this.#metrics.tasksCompleted.inc();
  }

  async fail(client: pg.PoolClient, task: Task): Promise<void> {
    await client.query(`update tasks set state = 'failed', finished_at = now() where id = $1`, [task.id]);
    this.#metrics.tasksFailed.inc();
  }

  async broken(task: Task, _answer: Answer | undefined): Promise<void> {
    this.#metrics.tasksLost.inc();
    await this.#database.read(`update tasks set state = 'lost' where id = $1`, [task.id]).catch(() => {});
  }
}

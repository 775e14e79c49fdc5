import type pg from 'pg';
import type { Metrics } from '../metrics.ts';
import type { Ai, Database, Execution, Task, Unfinished } from '../parts.ts';

/** Holds a database connection from the first statement of a task to its last, the AI call between them included. */
export class HoldingExecution implements Execution {
  readonly #database: Database;
  readonly #unfinished: Unfinished;
  readonly #ai: Ai;
  readonly #metrics: Metrics;

  constructor(database: Database, unfinished: Unfinished, ai: Ai, metrics: Metrics) {
    this.#database = database;
    this.#unfinished = unfinished;
    this.#ai = ai;
    this.#metrics = metrics;
  }

  async finish(task: Task): Promise<void> {
    try {
      await this.#database.write((client) => this.#execute(client, task));
    } catch (error) {
      console.error(`task ${task.id}:`, (error as Error).message);
      this.#metrics.tasksLost.inc();
      await this.#database.read(`update tasks set state = 'lost' where id = $1`, [task.id]).catch(() => {});
    } finally {
      this.#unfinished.finish(task.id);
    }
  }

  async #execute(client: pg.PoolClient, task: Task): Promise<void> {
    await client.query(`update tasks set state = 'running', started_at = now() where id = $1`, [task.id]);
    const answer = await this.#ai.answer(task).catch((error: Error) => error);
    if (answer instanceof Error) {
      await client.query(`update tasks set state = 'failed', finished_at = now() where id = $1`, [task.id]);
      this.#metrics.tasksFailed.inc();
      return;
    }
    await client.query('insert into deliverables (task_id, content, finish_reason) values ($1, $2, $3)', [
      task.id,
      answer.content,
      answer.finishReason,
    ]);
    await client.query(`update tasks set state = 'done', finished_at = now() where id = $1`, [task.id]);
    this.#metrics.tasksCompleted.inc();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Ai } from './ai.ts';
import type { Database } from './database.ts';
import type { Task, Tasks } from './tasks.ts';
import type { Unfinished } from './unfinished.ts';

const POLL = 200;

/** Takes tasks from Postgres into a queue and works on them; the more are unfinished, the more workers. */
export class Workers {
  readonly #queue: Task[] = [];
  readonly #config: Config;
  readonly #database: Database;
  readonly #tasks: Tasks;
  readonly #unfinished: Unfinished;
  readonly #ai: Ai;
  readonly #metrics: Metrics;
  #working = 0;

  constructor(
    config: Config,
    database: Database,
    tasks: Tasks,
    unfinished: Unfinished,
    ai: Ai,
    metrics: Metrics,
  ) {
    this.#config = config;
    this.#database = database;
    this.#tasks = tasks;
    this.#unfinished = unfinished;
    this.#ai = ai;
    this.#metrics = metrics;
    metrics.watch('queue_depth', 'Tasks that wait for a worker', () => this.#queue.length);
    metrics.watch('workers', 'Workers at work', () => this.#working);
  }

  async run(): Promise<never> {
    while (true) {
      try {
        this.#queue.push(...(await this.#tasks.take()));
      } catch (error) {
        console.error('taking tasks:', (error as Error).message);
      }
      while (this.#queue.length > 0 && this.#working < this.#wanted()) void this.#work();
      await sleep(POLL);
    }
  }

  #wanted(): number {
    return this.#config.workers + Math.floor(this.#unfinished.count / this.#config.tasksPerExtraWorker);
  }

  async #work(): Promise<void> {
    this.#working++;
    while (this.#working <= this.#wanted()) {
      const task = this.#queue.shift();
      if (!task) break;
      await this.#finish(task);
    }
    this.#working--;
  }

  async #finish(task: Task): Promise<void> {
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
    const answer = await this.#ai.answer(task.title).catch((error: Error) => error);
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

import { StoredTasks } from '../fragile/tasks.ts';
import type { Metrics } from '../metrics.ts';
import type { Database, Task, Unfinished } from '../parts.ts';
import { Requeue } from './requeue.ts';

const EVERY = 1000;
/** A task that was taken this long ago, and that nobody here knows of, got lost on its way out of the database. */
const FORGOTTEN_AFTER = 10;

const GIVE_BACK = `update tasks set state = 'pending', taken_at = null where state in ('pending', 'running') and`;

/** Tasks that can be taken again. */
export class QueuedTasks extends StoredTasks {
  readonly requeue: Requeue;
  readonly #database: Database;

  constructor(database: Database, unfinished: Unfinished, metrics: Metrics) {
    super(database, unfinished, metrics);
    this.#database = database;
    this.requeue = new Requeue((ids) => database.read(`${GIVE_BACK} id = any($1)`, [ids]));
    metrics.watch('tasks_requeued', 'Tasks that went back into the queue', () => this.requeue.done);
    metrics.watch('tasks_to_requeue', 'Tasks that wait to go back', () => this.requeue.waiting);
  }

  override async take(most: number): Promise<Task[]> {
    const tasks = await this.#database.read<Task & { id: string }>(
      `update tasks set taken_at = now()
       where id in (
         select id from tasks
         where state = 'pending' and taken_at is null and (not_before is null or not_before <= now())
         order by id limit $1 for update skip locked
       )
       returning id, workspace_id, title, (select plan from workspaces where id = workspace_id) as plan`,
      [Number.isFinite(most) ? most : null],
    );
    for (const task of tasks) this.requeue.hold(task.id);
    return tasks;
  }

  /**
   * Gives back, again and again, what is to be taken again.
   * @param forgotten also what nobody knows of any more
   */
  start({ forgotten }: { readonly forgotten: boolean }): void {
    setInterval(() => {
      this.requeue.flush().catch((error: Error) => console.error('requeue:', error.message));
      if (forgotten) this.#findForgotten().catch(() => {});
    }, EVERY);
  }

  #findForgotten() {
    return this.#database.read(
      `${GIVE_BACK} taken_at < now() - make_interval(secs => $2) and not (id = any($1))`,
      [this.requeue.held, FORGOTTEN_AFTER],
      'low',
    );
  }
}

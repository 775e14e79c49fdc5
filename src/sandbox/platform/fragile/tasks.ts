import type { Metrics } from '../metrics.ts';
import type { Database, Task, Tasks, Unfinished } from '../parts.ts';

/** Tasks in Postgres. */
export class StoredTasks implements Tasks {
  readonly #database: Database;
  readonly #unfinished: Unfinished;
  readonly #metrics: Metrics;

  constructor(database: Database, unfinished: Unfinished, metrics: Metrics) {
    this.#database = database;
    this.#unfinished = unfinished;
    this.#metrics = metrics;
  }

  /** The new task's id, or nothing when there is no such workspace. */
  async create(workspaceId: number, title: string): Promise<string | undefined> {
    const set = this.#unfinished.begin();
    try {
      const id = await this.#database.write(async (client) => {
        const { rows } = await client.query<{ id: string }>(
          'insert into tasks (workspace_id, title) select id, $2 from workspaces where id = $1 returning id',
          [workspaceId, title],
        );
        return rows[0]?.id;
      });
      if (id === undefined) {
        this.#unfinished.drop(set);
        return undefined;
      }
      this.#unfinished.name(set, id);
      this.#metrics.tasksCreated.inc();
      return id;
    } catch (error) {
      this.#unfinished.drop(set);
      throw error;
    }
  }

  async find(id: string) {
    const rows = await this.#database.read(
      `select t.id, t.workspace_id, t.title, t.state, t.created_at, t.finished_at, d.content, d.finish_reason
       from tasks t left join deliverables d on d.task_id = t.id where t.id = $1`,
      [id],
    );
    return rows[0];
  }

  take(most: number): Promise<Task[]> {
    return this.#database.read<Task & { id: string }>(
      `update tasks set taken_at = now()
       where id in (select id from tasks where state = 'pending' and taken_at is null order by id limit $1)
       returning id, workspace_id, title, (select plan from workspaces where id = workspace_id) as plan`,
      [Number.isFinite(most) ? most : null],
    );
  }
}

import type { Ai, Answer, Completion, Database, Execution, Task, Unfinished } from '../parts.ts';
import type { Parking } from './parking.ts';

/** Borrows a database connection for each write alone; while the AI is asked it holds none. */
export class ShortExecution implements Execution {
  readonly #database: Database;
  readonly #unfinished: Unfinished;
  readonly #ai: Ai;
  readonly #completion: Completion;
  readonly #parking: Parking | undefined;

  /** @param parking lets a task be shed while the AI is asked; default: none is shed */
  constructor(database: Database, unfinished: Unfinished, ai: Ai, completion: Completion, parking?: Parking) {
    this.#database = database;
    this.#unfinished = unfinished;
    this.#ai = ai;
    this.#completion = completion;
    this.#parking = parking;
  }

  async finish(task: Task): Promise<void> {
    let answer: Answer | undefined;
    try {
      await this.#database.write(
        (client) =>
          client.query(
            `update tasks set state = 'running', started_at = now()
             where id = $1 and state in ('pending', 'running')`,
            [task.id],
          ),
        'low',
      );
      const ask = () => this.#ai.answer(task);
      const outcome = await (this.#parking?.hold(task, ask) ?? ask()).catch(() => undefined);
      if (outcome === 'parked') return;
      answer = outcome;
      await this.#database.write(
        (client) =>
          answer ? this.#completion.store(client, task, answer) : this.#completion.fail(client, task),
        'low',
      );
    } catch (error) {
      console.error(`task ${task.id}:`, (error as Error).message);
      await this.#completion.broken(task, answer);
    } finally {
      this.#unfinished.finish(task.id);
    }
  }
}

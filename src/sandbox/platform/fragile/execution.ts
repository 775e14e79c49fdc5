import type { Ai, Answer, Completion, Database, Execution, Task, Unfinished } from '../parts.ts';

/** Holds a database connection from the first statement of a task to its last, the AI call between them included. */
export class HoldingExecution implements Execution {
  readonly #database: Database;
  readonly #unfinished: Unfinished;
  readonly #ai: Ai;
  readonly #completion: Completion;

  constructor(database: Database, unfinished: Unfinished, ai: Ai, completion: Completion) {
    this.#database = database;
    this.#unfinished = unfinished;
    this.#ai = ai;
    this.#completion = completion;
  }

  async finish(task: Task): Promise<void> {
    let answer: Answer | undefined;
    try {
      await this.#database.write(async (client) => {
        await client.query(`update tasks set state = 'running', started_at = now() where id = $1`, [task.id]);
        answer = await this.#ai.answer(task).catch(() => undefined);
        if (answer) await this.#completion.store(client, task, answer);
        else await this.#completion.fail(client, task);
      });
    } catch (error) {
      console.error(`task ${task.id}:`, (error as Error).message);
      await this.#completion.broken(task, answer);
    } finally {
      this.#unfinished.finish(task.id);
    }
  }
}

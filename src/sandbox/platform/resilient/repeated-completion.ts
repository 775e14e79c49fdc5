import { LossyCompletion } from '../fragile/completion.ts';
import type { Metrics } from '../metrics.ts';
import type { Answer, Database, Task } from '../parts.ts';

/**
 * Tries a failed write once more, without asking whether it came through the first time: a deliverable whose
 * acknowledgement was lost is stored twice, and a task whose second write fails too is lost.
 */
export class RepeatedCompletion extends LossyCompletion {
  readonly #database: Database;

  constructor(database: Database, metrics: Metrics) {
    super(database, metrics);
    this.#database = database;
  }

  override async broken(task: Task, answer: Answer | undefined): Promise<void> {
    try {
      if (!answer) throw new Error('nothing to write');
      await this.#database.write((client) => this.store(client, task, answer));
    } catch {
      await super.broken(task, answer);
    }
  }
}

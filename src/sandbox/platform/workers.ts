import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from './metrics.ts';
import type { Execution, TaskQueue, Tasks } from './parts.ts';

const POLL = 200;

/** Takes tasks from Postgres into a queue and has them worked on. */
export class Workers {
  readonly #tasks: Tasks;
  readonly #queue: TaskQueue;
  readonly #execution: Execution;
  readonly #wanted: () => number;
  #working = 0;

  /** @param wanted how many workers there should be at this moment */
  constructor(tasks: Tasks, queue: TaskQueue, execution: Execution, wanted: () => number, metrics: Metrics) {
    this.#tasks = tasks;
    this.#queue = queue;
    this.#execution = execution;
    this.#wanted = wanted;
    metrics.watch('workers', 'Workers at work', () => this.#working);
  }

  async run(): Promise<never> {
    while (true) {
      try {
        if (this.#queue.room > 0) this.#queue.put(await this.#tasks.take(this.#queue.room));
      } catch (error) {
        console.error('taking tasks:', (error as Error).message);
      }
      while (this.#queue.depth > 0 && this.#working < this.#wanted()) void this.#work();
      await sleep(POLL);
    }
  }

  async #work(): Promise<void> {
    this.#working++;
    while (this.#working <= this.#wanted()) {
      const task = this.#queue.next();
      if (!task) break;
      await this.#execution.finish(task);
    }
    this.#working--;
  }
}

import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';

/** Context of a task, kept until the task is finished. */
export interface WorkingSet {
  readonly context: Buffer;
}

/** The tasks that this process has begun and not finished, each with its working set. */
export class Unfinished {
  readonly #sets = new Set<WorkingSet>();
  readonly #byTask = new Map<string, WorkingSet>();
  readonly #bytes: number;

  constructor(config: Config, metrics: Metrics) {
    this.#bytes = config.workingSetBytes;
    metrics.watch('tasks_unfinished', 'Tasks kept in memory', () => this.count);
    metrics.watch('memory_held_bytes', 'Working sets of unfinished tasks', () => this.count * this.#bytes);
  }

  get count(): number {
    return this.#sets.size;
  }

  begin(): WorkingSet {
    const set = { context: Buffer.alloc(this.#bytes, 1) };
    this.#sets.add(set);
    return set;
  }

  /** From here on the working set belongs to a task with an id. */
  name(set: WorkingSet, taskId: string): void {
    this.#byTask.set(taskId, set);
  }

  drop(set: WorkingSet): void {
    this.#sets.delete(set);
  }

  finish(taskId: string): void {
    const set = this.#byTask.get(taskId);
    this.#byTask.delete(taskId);
    if (set) this.#sets.delete(set);
  }
}

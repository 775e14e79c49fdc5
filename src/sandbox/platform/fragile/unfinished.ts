import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Unfinished, WorkingSet } from '../parts.ts';

/** Allocates a working set for each task, without a limit. */
export class UnfinishedTasks implements Unfinished {
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

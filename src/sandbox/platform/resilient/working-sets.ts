import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Unfinished, WorkingSet } from '../parts.ts';
import { OBJECT_POOL_LIMITS, ObjectPool, ObjectPoolExhausted } from './object-pool.ts';

/** A task for which there was no working set: its context is read again when it is worked on. */
const NONE = Buffer.alloc(0);

/** Working sets from a pool; tasks beyond it go without one. */
export class PooledWorkingSets implements Unfinished {
  readonly #pool: ObjectPool<Buffer>;
  readonly #sets = new Set<WorkingSet>();
  readonly #byTask = new Map<string, WorkingSet>();
  #without = 0;

  constructor(config: Config, metrics: Metrics) {
    const bytes = config.workingSetBytes;
    const affordable = Math.max(1, Math.floor(config.workingSetsBytes / bytes));
    this.#pool = new ObjectPool<Buffer>(
      () => Buffer.alloc(bytes, 1),
      (buffer) => buffer.fill(1),
      {
        keep: Math.min(OBJECT_POOL_LIMITS.keep, affordable),
        breakAt: Math.min(OBJECT_POOL_LIMITS.breakAt, affordable),
      },
    );
    metrics.watch('tasks_unfinished', 'Tasks kept in memory', () => this.count);
    metrics.watch('memory_held_bytes', 'Working sets of unfinished tasks', () => this.#pool.lent * bytes);
    metrics.watch('working_sets_idle', 'Working sets that wait for a task', () => this.#pool.idle);
    metrics.watch('working_sets_made', 'Working sets ever made', () => this.#pool.made);
    metrics.watch(
      'working_sets_refused',
      'Tasks that went without a working set, because the pool was at its cap',
      () => this.#without,
    );
  }

  get count(): number {
    return this.#sets.size;
  }

  begin(): WorkingSet {
    const set = { context: this.#take() };
    this.#sets.add(set);
    return set;
  }

  name(set: WorkingSet, taskId: string): void {
    this.#byTask.set(taskId, set);
  }

  drop(set: WorkingSet): void {
    if (this.#sets.delete(set)) this.#pool.give(set.context);
  }

  finish(taskId: string): void {
    const set = this.#byTask.get(taskId);
    this.#byTask.delete(taskId);
    if (set) this.drop(set);
  }

  #take(): Buffer {
    try {
      return this.#pool.take();
    } catch (error) {
      if (!(error instanceof ObjectPoolExhausted)) throw error;
      this.#without++;
      return NONE;
    }
  }
}

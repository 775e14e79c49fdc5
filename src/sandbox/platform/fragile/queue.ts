import type { Metrics } from '../metrics.ts';
import type { Task, TaskQueue } from '../parts.ts';

/** First come, first served, and as long as it gets. */
export class UnboundedQueue implements TaskQueue {
  readonly room = Number.POSITIVE_INFINITY;
  readonly #tasks: Task[] = [];

  constructor(metrics: Metrics) {
    metrics.watch('queue_depth', 'Tasks that wait for a worker', () => this.depth);
  }

  get depth(): number {
    return this.#tasks.length;
  }

  put(tasks: readonly Task[]): void {
    this.#tasks.push(...tasks);
  }

  next(): Task | undefined {
    return this.#tasks.shift();
  }
}

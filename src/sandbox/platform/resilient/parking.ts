import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Answer, Task } from '../parts.ts';
import { tierOf } from './priority.ts';
import type { QueuedTasks } from './queued-tasks.ts';
import type { LoadShedder, Running } from './shedding.ts';

/** Weight of the latest answer in what an answer usually takes. */
const SMOOTHING = 0.2;
const NEARLY_DONE = 95;

export interface ParkingOptions {
  readonly shedder: LoadShedder;
  /** Share of all capacity that one task takes. */
  readonly share: number;
  /** Has a parked task taken again. */
  readonly giveBack: (id: string) => void;
  readonly now?: () => number;
}

/**
 * Lets tasks be shed while the AI is asked. What is shed keeps its open call as a checkpoint and goes out of the way;
 * when it is taken again, it goes on with the answer that came meanwhile.
 */
export class Parking {
  readonly #options: Required<ParkingOptions>;
  readonly #checkpoints = new Map<string, Promise<Answer>>();
  #usual = 0;

  /** Parking for tasks that can be taken again. */
  static of(
    shedder: LoadShedder,
    config: Config,
    metrics: Metrics,
    tasks: QueuedTasks | undefined,
  ): Parking | undefined {
    if (!tasks) return undefined;
    const giveBack = (id: string) => tasks.requeue.add(id);
    const parking = new Parking({ shedder, share: 1 / config.atWorkLimit, giveBack });
    metrics.watch('tasks_parked', 'Tasks that were shed with a checkpoint', () => parking.count);
    return parking;
  }

  constructor(options: ParkingOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  /** Parked tasks. */
  get count(): number {
    return this.#checkpoints.size;
  }

  /** The answer, or that the task was shed before it came. */
  hold(task: Task, ask: () => Promise<Answer>): Promise<Answer | 'parked'> {
    const { shedder, share, giveBack, now } = this.#options;
    const asked = this.#checkpoints.get(task.id) ?? ask();
    this.#checkpoints.delete(task.id);
    const begun = now();
    const completion = () => this.#completion(now() - begun);
    return new Promise((resolve, reject) => {
      const work: Running = {
        kind: 'execution',
        tier: tierOf(task.plan),
        share,
        get completion() {
          return completion();
        },
        shed: (measure) => {
          if (measure === 'degrade') return;
          this.#checkpoints.set(task.id, asked);
          resolve('parked');
        },
        resume: () => {
          forget();
          giveBack(task.id);
        },
      };
      const forget = shedder.watch(work);
      const end = () => {
        if (this.#checkpoints.has(task.id)) return;
        forget();
        const took = now() - begun;
        this.#usual += (this.#usual === 0 ? 1 : SMOOTHING) * (took - this.#usual);
      };
      asked.then(
        (answer) => {
          end();
          resolve(answer);
        },
        (error: Error) => {
          end();
          reject(error);
        },
      );
    });
  }

  #completion(elapsed: number): number {
    return this.#usual === 0 ? 0 : Math.min(NEARLY_DONE, (100 * elapsed) / this.#usual);
  }
}

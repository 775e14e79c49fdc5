import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../core/clock.ts';
import { hasEnded, JOURNAL_FILE } from '../../experiments/journal/index.ts';
import type { Said } from '../own-command.ts';

interface Abandoned {
  readonly id: string;
  readonly folder: string;
  /** Ends the watch of a run that can have no end any more. */
  lose(sentence: string): void;
}

/** Between two looks at a run whose lease still lives, or that could not be ended for another reason. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Ends runs whose process is gone, one at a time: what is left of them is taken back, that nothing is left is proven, and their
 * journals are closed as interrupted. A run whose lease lives is looked at again until it is over; none is ever resumed.
 */
export class Recovery {
  readonly #recover: (run: string) => Promise<Said>;
  readonly #clock: Clock;
  /** What is not ended yet, with why. */
  readonly #open = new Map<string, string>();
  readonly #cancels = new Set<() => void>();
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param recover does it for one run, in a process of its own */
  constructor(recover: (run: string) => Promise<Said>, clock: Clock = systemClock) {
    this.#recover = recover;
    this.#clock = clock;
  }

  /** Runs that are not ended yet although their process is gone, in sentences. */
  get troubles(): readonly string[] {
    return [...this.#open].map(
      ([id, why]) => `run ${id} was abandoned, its process is gone, and it is not ended yet: ${why}`,
    );
  }

  add(run: Abandoned): void {
    if (this.#open.has(run.id)) return;
    this.#open.set(run.id, 'what it left is being taken back');
    this.#queue(run, FIRST_PAUSE_MS);
  }

  /** Begins nothing more; what is under way goes on in its own process. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
  }

  #queue(run: Abandoned, pauseMs: number): void {
    this.#last = this.#last.then(() => (this.#closed ? undefined : this.#end(run, pauseMs)));
  }

  async #end(run: Abandoned, pauseMs: number): Promise<void> {
    const { said, exit } = await this.#recover(run.id);
    if (!existsSync(join(run.folder, JOURNAL_FILE))) run.lose('its folder was taken away');
    else if (!hasEnded(run.folder)) return this.#again(run, pauseMs, said.at(-1) ?? `exit code ${exit}`);
    this.#open.delete(run.id);
  }

  #again(run: Abandoned, pauseMs: number, why: string): void {
    this.#open.set(run.id, why);
    const cancel = this.#clock.after(pauseMs, () => {
      this.#cancels.delete(cancel);
      this.#queue(run, Math.min(LONGEST_PAUSE_MS, pauseMs * 2));
    });
    this.#cancels.add(cancel);
  }
}

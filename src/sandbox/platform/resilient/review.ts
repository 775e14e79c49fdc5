import type { Counter } from 'prom-client';
import type { Ask } from '../ai/client.ts';
import type { Metrics } from '../metrics.ts';
import type { Ai, Answer, Task } from '../parts.ts';

const ONE_IN = 10;

/** Has one in ten answers checked by a second question, while there is capacity for it. A failed check changes nothing. */
export class ReviewedAi implements Ai {
  readonly #ai: Ai;
  readonly #ask: Ask;
  readonly #allowed: () => boolean;
  readonly #checks: Counter;
  #count = 0;

  constructor(ai: Ai, ask: Ask, allowed: () => boolean, metrics: Metrics) {
    this.#ai = ai;
    this.#ask = ask;
    this.#allowed = allowed;
    this.#checks = metrics.counter('quality_checks_total', 'Answers that were checked by a second question');
  }

  async answer(task: Task): Promise<Answer> {
    const answer = await this.#ai.answer(task);
    if (++this.#count % ONE_IN === 0 && this.#allowed()) {
      this.#checks.inc();
      await this.#ask(`Say what is wrong with this deliverable: ${answer.content}`).catch(() => undefined);
    }
    return answer;
  }
}

import type { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import type { Ai, Answer, Task } from '../parts.ts';
import { problemWith, templateFor } from './templates.ts';

/** Finish reason of an answer that no AI gave. */
const FALLBACK = 'fallback';

/** Answers from a template where the AI fails; such an answer says so by its finish reason. */
export class FallbackAi implements Ai {
  readonly #ai: Ai;
  readonly #answers: Counter;

  constructor(ai: Ai, metrics: Metrics) {
    this.#ai = ai;
    this.#answers = metrics.counter('fallback_answers_total', 'Answers by rules, because the AI failed');
  }

  async answer(task: Task): Promise<Answer> {
    try {
      return await this.#ai.answer(task);
    } catch (error) {
      const content = templateFor(task);
      if (problemWith(content, task)) throw error;
      this.#answers.inc();
      return { content, finishReason: FALLBACK };
    }
  }
}

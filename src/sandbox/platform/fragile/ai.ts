import { setTimeout as sleep } from 'node:timers/promises';
import type { AiCalls } from '../ai/calls.ts';
import type { Ask } from '../ai/client.ts';
import { mayPass } from '../ai/failure.ts';
import { questionOf } from '../ai/question.ts';
import type { Ai, Answer, Task } from '../parts.ts';

const SHORT_PAUSE = 100;

/** Asks the AI provider until it answers. */
export class PatientAi implements Ai {
  readonly #ask: Ask;
  readonly #calls: AiCalls;

  constructor(ask: Ask, calls: AiCalls) {
    this.#ask = ask;
    this.#calls = calls;
  }

  answer(task: Task): Promise<Answer> {
    return this.#calls.track(async () => {
      while (true) {
        try {
          return await this.#calls.attempt(() => this.#ask(questionOf(task)));
        } catch (error) {
          if (!mayPass(error)) throw error;
          await sleep(SHORT_PAUSE);
        }
      }
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { APIError } from 'openai';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Ai, Answer, Task } from '../parts.ts';

const A_DAY = 24 * 60 * 60 * 1000;
const SHORT_PAUSE = 100;

/** Asks the AI provider until it answers. */
export class PatientAi implements Ai {
  readonly #client: OpenAI;
  readonly #config: Config;
  readonly #metrics: Metrics;
  readonly #startedAt = new Set<{ at: number }>();

  constructor(config: Config, metrics: Metrics) {
    this.#client = new OpenAI({
      baseURL: config.openaiBaseUrl,
      apiKey: config.openaiApiKey,
      // Long answers take their time, and the loop below tries again by itself.
      timeout: A_DAY,
      maxRetries: 0,
    });
    this.#config = config;
    this.#metrics = metrics;
    metrics.watch('ai_calls_open', 'AI calls under way', () => this.#startedAt.size);
    metrics.watch('ai_oldest_call_seconds', 'Age of the oldest AI call under way', () => this.#oldest());
  }

  async answer({ title }: Task): Promise<Answer> {
    const call = { at: performance.now() };
    this.#startedAt.add(call);
    try {
      while (true) {
        try {
          return await this.#ask(title);
        } catch (error) {
          const status = error instanceof APIError ? error.status : undefined;
          this.#metrics.aiErrors.inc({ status: status ?? 'connection' });
          if (status !== undefined && status < 500 && status !== 408 && status !== 409 && status !== 429)
            throw error;
          await sleep(SHORT_PAUSE);
        }
      }
    } finally {
      this.#startedAt.delete(call);
      this.#metrics.aiSeconds.observe((performance.now() - call.at) / 1000);
    }
  }

  async #ask(question: string): Promise<Answer> {
    const stream = await this.#client.chat.completions.create({
      model: this.#config.model,
      stream: true,
      messages: [
        { role: 'system', content: 'You are an agent in a workspace. Write the deliverable of the task.' },
        { role: 'user', content: question },
      ],
    });
    let content = '';
    let finishReason: string | null = null;
    for await (const chunk of stream) {
      const choice = chunk.choices[0];
      content += choice?.delta?.content ?? '';
      finishReason = choice?.finish_reason ?? finishReason;
    }
    return { content, finishReason };
  }

  #oldest(): number {
    const first = Math.min(...[...this.#startedAt].map((call) => call.at));
    return Number.isFinite(first) ? (performance.now() - first) / 1000 : 0;
  }
}

import type { Metrics } from '../metrics.ts';
import { causeOf } from './failure.ts';

const REMEMBERED = 20;

/** What the platform knows of its AI calls: those under way, and how the last attempts ended. */
export class AiCalls {
  readonly #metrics: Metrics;
  readonly #now: () => number;
  readonly #open = new Set<{ at: number }>();
  readonly #attempts: { at: number; ok: boolean }[] = [];

  constructor(metrics: Metrics, now: () => number = () => performance.now()) {
    this.#metrics = metrics;
    this.#now = now;
    metrics.watch('ai_calls_open', 'AI calls under way', () => this.#open.size);
    metrics.watch('ai_oldest_call_seconds', 'Age of the oldest AI call under way', () => this.oldest / 1000);
  }

  /** Age of the oldest call under way in ms; 0 without one. */
  get oldest(): number {
    const first = Math.min(...[...this.#open].map((call) => call.at));
    return Number.isFinite(first) ? this.#now() - first : 0;
  }

  /** A call with all its attempts. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    const call = { at: this.#now() };
    this.#open.add(call);
    try {
      return await work();
    } finally {
      this.#open.delete(call);
      this.#metrics.aiSeconds.observe((this.#now() - call.at) / 1000);
    }
  }

  /** One attempt of a call. */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#remember(true);
      return result;
    } catch (error) {
      this.#metrics.aiErrors.inc({ status: causeOf(error) });
      this.#remember(false);
      throw error;
    }
  }

  /** Share of failures among the attempts that ended within the last `ms`; 0 while there are fewer than three. */
  failing(ms: number): number {
    const since = this.#now() - ms;
    const recent = this.#attempts.filter(({ at }) => at >= since);
    return recent.length < 3 ? 0 : recent.filter(({ ok }) => !ok).length / recent.length;
  }

  #remember(ok: boolean): void {
    this.#attempts.push({ at: this.#now(), ok });
    if (this.#attempts.length > REMEMBERED) this.#attempts.shift();
  }
}

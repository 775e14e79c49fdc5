import { BrokenCircuitError, DelegateBackoff, handleWhen, retry, TimeoutStrategy, timeout } from 'cockatiel';
import type { AiCalls } from '../ai/calls.ts';
import type { Ask } from '../ai/client.ts';
import { mayPass } from '../ai/failure.ts';
import { questionOf } from '../ai/question.ts';
import type { Ai, Answer, Task } from '../parts.ts';
import { ATTEMPTS, backoff } from './backoff.ts';
import { jitter } from './jitter.ts';
import { retryAfter } from './retry-after.ts';

const SHORT_PAUSE = 100;

/** Its three properties, each by itself. */
export interface RetryOptions {
  /** A few attempts with waits that double; else for ever, every 100 ms. */
  readonly backoff: boolean;
  readonly jitter: boolean;
  readonly retryAfter: boolean;
  /** Default `Math.random`. */
  readonly random?: () => number;
}

/** The wait in ms before retry 1, 2, 3… after this error. Jitter only adds to what the provider asked for. */
export function pauseBefore(retryNumber: number, error: unknown, options: RetryOptions): number {
  const random = options.random ?? Math.random;
  const spread = (ms: number) => (options.jitter ? jitter(ms, random) : ms);
  const own = spread(options.backoff ? backoff(retryNumber) : SHORT_PAUSE);
  const asked = options.retryAfter ? retryAfter(error, Date.now()) : undefined;
  if (asked === undefined) return own;
  return Math.max(own, asked + (options.jitter ? random() * backoff(1) : 0));
}

/** Asks again by a policy. */
export class RetryingAi implements Ai {
  readonly #ask: (question: string) => Promise<Answer>;
  readonly #calls: AiCalls;

  /** @param patience for one answer with all its attempts, in ms; without it there is no end */
  constructor(ask: Ask, options: RetryOptions, calls: AiCalls, patience?: number) {
    this.#calls = calls;
    // An open breaker says that asking is in vain: those who try only a few times stop at once.
    const again = (error: unknown) =>
      mayPass(error) && !(options.backoff && error instanceof BrokenCircuitError);
    const retries = retry(handleWhen(again), {
      maxAttempts: options.backoff ? ATTEMPTS - 1 : Number.POSITIVE_INFINITY,
      backoff: new DelegateBackoff(({ attempt, result }) =>
        pauseBefore(attempt, 'error' in result ? result.error : undefined, options),
      ),
    });
    const attempts = (question: string, signal?: AbortSignal) =>
      retries.execute((context) => {
        // Patience may have ended during a wait.
        context.signal.throwIfAborted();
        return calls.attempt(() => ask(question, context.signal));
      }, signal);
    const limit = patience === undefined ? undefined : timeout(patience, TimeoutStrategy.Aggressive);
    this.#ask = limit
      ? (question) => limit.execute(({ signal }) => attempts(question, signal))
      : (question) => attempts(question);
  }

  answer(task: Task): Promise<Answer> {
    return this.#calls.track(() => this.#ask(questionOf(task)));
  }
}

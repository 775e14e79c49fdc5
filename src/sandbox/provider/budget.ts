const MINUTE = 60_000;

/** Rate-limit headers as OpenAI sends them on every answer. The simulator counts, and never refuses. */
export class Budget {
  readonly #requests: Bucket;
  readonly #tokens: Bucket;

  constructor(now: () => number, requestsPerMinute = 10_000, tokensPerMinute = 2_000_000) {
    this.#requests = new Bucket(now, requestsPerMinute);
    this.#tokens = new Bucket(now, tokensPerMinute);
  }

  spend(tokens: number): Record<string, string> {
    this.#requests.take(1);
    this.#tokens.take(tokens);
    return {
      'x-ratelimit-limit-requests': String(this.#requests.size),
      'x-ratelimit-limit-tokens': String(this.#tokens.size),
      'x-ratelimit-remaining-requests': String(this.#requests.left()),
      'x-ratelimit-remaining-tokens': String(this.#tokens.left()),
      'x-ratelimit-reset-requests': this.#requests.reset(),
      'x-ratelimit-reset-tokens': this.#tokens.reset(),
    };
  }
}

class Bucket {
  readonly size: number;
  readonly #now: () => number;
  #level: number;
  #at: number;

  constructor(now: () => number, size: number) {
    this.size = size;
    this.#now = now;
    this.#level = size;
    this.#at = now();
  }

  take(amount: number): void {
    const now = this.#now();
    this.#level = Math.min(this.size, this.#level + ((now - this.#at) / MINUTE) * this.size);
    this.#at = now;
    this.#level = Math.max(0, this.#level - amount);
  }

  left(): number {
    return Math.floor(this.#level);
  }

  /** Time until the bucket is full again, as Go writes a duration. */
  reset(): string {
    const ms = Math.ceil(((this.size - this.#level) / this.size) * MINUTE);
    if (ms < 1000) return `${ms}ms`;
    const seconds = Math.round(ms) / 1000;
    return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Number((seconds % 60).toFixed(3))}s`;
  }
}

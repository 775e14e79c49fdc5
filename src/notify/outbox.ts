import { randomUUID } from 'node:crypto';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import PQueue from 'p-queue';
import { Agent, request } from 'undici';
import type { Channel, Notice } from './contract.ts';

export interface OutboxTiming {
  /** ms that one attempt may take. */
  readonly attemptMs: number;
  readonly retries: number;
  /** ms before the first retry, about; each later one waits about twice as long, with jitter. */
  readonly backoffMs: number;
}

const TIMING: OutboxTiming = { attemptMs: 5000, retries: 3, backoffMs: 500 };

/** Notices that may wait for a channel; what comes on top is dropped and counted. */
const MOST_WAITING = 100;
/** What an answer may say before the connection is given up; nothing of it is read. */
const MOST_ANSWER = 16 * 1024;

export interface OutboxCounts {
  sent: number;
  /** Given up after the last attempt. */
  failed: number;
  /** Never tried, because too many waited. */
  dropped: number;
}

class NotTaken extends Error {
  readonly again: boolean;

  constructor(reason: string, again: boolean) {
    super(reason);
    this.again = again;
  }
}

/** What goes to one channel: in order, one at a time, each a few times at most. Never throws and never lets its caller wait. */
export class Outbox {
  readonly counts: OutboxCounts = { sent: 0, failed: 0, dropped: 0 };
  readonly channel: Channel;
  readonly #timing: OutboxTiming;
  readonly #log: (line: string) => void;
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #agent = new Agent({ connections: 1 });
  readonly #end = new AbortController();

  constructor(channel: Channel, log: (line: string) => void, timing: OutboxTiming = TIMING) {
    this.channel = channel;
    this.#timing = timing;
    this.#log = log;
  }

  add(notice: Notice): void {
    if (!this.channel.wants(notice) || this.#end.signal.aborted) return;
    if (this.#queue.size >= MOST_WAITING) {
      this.counts.dropped += 1;
      if (this.counts.dropped === 1) this.#say(notice, `was dropped, since ${MOST_WAITING} wait already`);
      return;
    }
    void this.#queue.add(() => this.#deliver(notice));
  }

  /** Waits until all is delivered or given up, for `patienceMs` at most, and gives up the rest. */
  async close(patienceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.#queue.onIdle(), patience]);
    clearTimeout(timer);
    this.counts.failed += this.#queue.size;
    this.#queue.clear();
    this.#end.abort();
    await this.#queue.onIdle();
    await this.#agent.destroy();
  }

  async #deliver(notice: Notice): Promise<void> {
    const { retries, backoffMs } = this.#timing;
    const id = randomUUID();
    const policy = retry(
      handleWhen((error) => !(error instanceof NotTaken) || error.again),
      {
        maxAttempts: retries,
        backoff: new ExponentialBackoff({ initialDelay: backoffMs, maxDelay: 20 * backoffMs }),
      },
    );
    try {
      await policy.execute(() => this.#attempt(notice, id), this.#end.signal);
      this.counts.sent += 1;
    } catch (error) {
      this.counts.failed += 1;
      this.#say(notice, `was not taken: ${reason(error)}`);
    }
  }

  async #attempt(notice: Notice, id: string): Promise<void> {
    const { url, headers, body } = this.#messageOf(notice, id);
    const signal = AbortSignal.any([AbortSignal.timeout(this.#timing.attemptMs), this.#end.signal]);
    const answer = await request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'faultline' },
      body,
      signal,
      dispatcher: this.#agent,
    });
    await answer.body.dump({ limit: MOST_ANSWER, signal });
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return;
    const redirected = statusCode >= 300 && statusCode < 400;
    // A redirect could lead what is signed, or a token, to another host.
    const why = `the answer was ${statusCode}${redirected ? ', and redirects are not followed' : ''}`;
    throw new NotTaken(why, statusCode >= 500 || statusCode === 429 || statusCode === 408);
  }

  #messageOf(notice: Notice, id: string) {
    try {
      return this.channel.message(notice, id);
    } catch (error) {
      throw new NotTaken((error as Error).message, false);
    }
  }

  #say({ occasion }: Notice, what: string): void {
    this.#log(`notification "${this.channel.name}" of ${occasion} ${what}`);
  }
}

/** Messages of the system and of undici may hold the address; their codes do not. */
function reason(error: unknown): string {
  if (error instanceof NotTaken) return error.message;
  const { code, name } = error as { code?: unknown; name?: string };
  return typeof code === 'string' ? code : (name ?? 'unknown');
}

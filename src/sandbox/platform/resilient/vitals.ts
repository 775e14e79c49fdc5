import type { AiCalls } from '../ai/calls.ts';
import type { Config } from '../config.ts';
import type { Database } from '../parts.ts';
import { Check } from './check.ts';
import type { Signals } from './levels.ts';

const EVERY = 1000;
const LIMIT = 2000;
/** A window has to hold a few attempts, however compressed the time. */
const SHORTEST = 10_000;

export interface VitalsParts {
  readonly calls: AiCalls;
  readonly database: Database;
  /** Share of the AI queue that is taken. */
  readonly queue: () => number;
}

/** Measures what the platform stands on: its database by a read and a write each second, the rest by what it sees. */
export class Vitals {
  readonly #config: Config;
  readonly #parts: VitalsParts;
  readonly #reads: Check;
  readonly #writes: Check;

  constructor(config: Config, parts: VitalsParts) {
    this.#config = config;
    this.#parts = parts;
    const { database } = parts;
    this.#reads = new Check(() => database.read('select 1'), LIMIT);
    this.#writes = new Check(
      () =>
        database.write((client) =>
          client.query(
            `insert into heartbeats (service, seen_at) values ('vitals', now())
             on conflict (service) do update set seen_at = excluded.seen_at`,
          ),
        ),
      LIMIT,
    );
  }

  /** @param look called after each round of checks */
  start(look: () => void): void {
    setInterval(() => {
      this.#reads.run();
      this.#writes.run();
      look();
    }, EVERY);
  }

  readonly read = (): Signals => {
    const { calls, queue } = this.#parts;
    const { timeScale, memoryLimitBytes } = this.#config;
    const window = Math.max(SHORTEST, 30_000 / timeScale);
    return {
      ai: calls.oldest > window || calls.failing(window) >= 0.5 ? 'failing' : 'ok',
      database: this.#writes.ok ? 'ok' : this.#reads.ok ? 'no-writes' : 'gone',
      memory: process.memoryUsage.rss() / memoryLimitBytes,
      queue: queue(),
    };
  };
}

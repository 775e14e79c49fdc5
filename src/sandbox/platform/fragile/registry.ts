import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Database, Registry } from '../parts.ts';

const BEAT = 1000;

/** Who is alive: each service beats in Postgres and Redis, and whoever needs one looks it up in Redis. */
export class ServiceRegistry implements Registry {
  readonly #redis: Redis;
  readonly #database: Database;
  readonly #seconds: number;
  #found = 0;

  constructor(config: Config, redis: Redis, database: Database, metrics: Metrics) {
    this.#redis = redis;
    this.#database = database;
    this.#seconds = config.heartbeatSeconds;
    metrics.watch('registry_services', 'Services that the registry finds alive', () => this.#found);
  }

  /** Beats as long as the process lives. */
  async announce(service: string): Promise<never> {
    while (true) {
      try {
        await this.#beat(service);
      } catch (error) {
        console.error('heartbeat:', (error as Error).message);
      }
      await sleep(BEAT);
    }
  }

  /** Keeps count of the living for the metrics. */
  async count(): Promise<never> {
    while (true) {
      this.#found = (await this.#redis.keys('service:*').catch(() => [])).length;
      await sleep(BEAT);
    }
  }

  /** Waits until there is one. */
  async discover(service: string): Promise<string> {
    while (true) {
      const seen = await this.#redis.get(`service:${service}`);
      if (seen) return seen;
      await sleep(BEAT / 4);
    }
  }

  async #beat(service: string): Promise<void> {
    const seenAt = new Date().toISOString();
    await this.#database.write((client) =>
      client.query(
        'insert into heartbeats (service, seen_at) values ($1, $2) on conflict (service) do update set seen_at = $2',
        [service, seenAt],
      ),
    );
    await this.#redis.set(`service:${service}`, seenAt, 'EX', this.#seconds);
  }
}

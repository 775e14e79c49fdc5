import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Database, Workspaces } from '../parts.ts';

/** Workspaces as their users see them: the slow part from the cache, the counts always fresh. */
export class CachedWorkspaces implements Workspaces {
  readonly #database: Database;
  readonly #redis: Redis;
  readonly #seconds: number;
  readonly #metrics: Metrics;

  constructor(config: Config, database: Database, redis: Redis, metrics: Metrics) {
    this.#database = database;
    this.#redis = redis;
    this.#seconds = config.cacheSeconds;
    this.#metrics = metrics;
  }

  async find(id: number) {
    const overview = await this.#overview(id);
    if (!overview) return undefined;
    const counts = await this.#database.read<{ state: string; count: number }>(
      'select state, count(*)::int as count from tasks where workspace_id = $1 group by state',
      [id],
    );
    return { ...overview, tasks: Object.fromEntries(counts.map((row) => [row.state, row.count])) };
  }

  async #overview(id: number): Promise<object | undefined> {
    const key = `workspace:${id}`;
    const cached = await this.#redis.get(key);
    if (cached) {
      this.#metrics.cacheHits.inc();
      return JSON.parse(cached);
    }
    this.#metrics.cacheMisses.inc();
    const [workspace] = await this.#database.read('select id, name, plan from workspaces where id = $1', [
      id,
    ]);
    if (!workspace) return undefined;
    const latest = await this.#database.read(
      `select t.id, t.title, left(d.content, 200) as summary from tasks t join deliverables d on d.task_id = t.id
       where t.workspace_id = $1 order by t.id desc limit 5`,
      [id],
    );
    const overview = { ...workspace, latest };
    await this.#redis.set(key, JSON.stringify(overview), 'EX', this.#seconds);
    return overview;
  }
}

import type { FastifyInstance } from 'fastify';
import type { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';
import { LEVELS, type Level, levelFor, type Signals } from './levels.ts';

/** Core of the platform: what is served in an emergency. */
const CORE = ['/health', '/metrics', '/workspaces/:id'];

export interface DegradationOptions {
  readonly read: () => Signals;
  /** Time in ms for which a better level must hold before it is taken. */
  readonly calm: number;
  readonly now?: () => number;
}

/**
 * The level of the platform: it falls at once, and rises one level at a time after a calm. Each change is logged and
 * counted; an emergency sends an alert.
 */
export class Degradation {
  readonly #options: DegradationOptions;
  readonly #now: () => number;
  readonly #changes: Counter<'from' | 'to'>;
  readonly #alerts: Counter;
  #level = 0;
  #betterSince: number | undefined;

  constructor(metrics: Metrics, options: DegradationOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    metrics.watch(
      'degradation_level',
      LEVELS.map((level, at) => `${at} ${level}`).join(', '),
      () => this.#level,
    );
    this.#changes = metrics.labelled('degradation_changes_total', 'Changes of the level', 'from', 'to');
    this.#alerts = metrics.counter('alerts_sent_total', 'Alerts sent to operations');
  }

  get level(): Level {
    return LEVELS[this.#level]!;
  }

  /** Whether so much or more is gone. */
  atLeast(level: Level): boolean {
    return this.#level >= LEVELS.indexOf(level);
  }

  /** Looks at the signals; to be called again and again. */
  look(): void {
    const { level, because } = levelFor(this.#options.read());
    const now = this.#now();
    if (level > this.#level) this.#change(level, because);
    if (level >= this.#level) {
      this.#betterSince = undefined;
      return;
    }
    this.#betterSince ??= now;
    if (now - this.#betterSince < this.#options.calm) return;
    this.#betterSince = now;
    this.#change(this.#level - 1, because);
  }

  /** Refuses what is not served at the level of the moment, with 503 and `Retry-After`. */
  readonly guard = (app: FastifyInstance): void => {
    app.addHook('preHandler', async (request, reply) => {
      const route = request.routeOptions.url ?? '';
      if (!this.atLeast('read-only')) return;
      if (request.method === 'GET' && (!this.atLeast('emergency') || CORE.includes(route))) return;
      const wait = Math.ceil(this.#options.calm / 1000);
      return reply
        .code(503)
        .header('retry-after', wait)
        .send({ error: `not served now: ${this.level}` });
    });
  };

  #change(to: number, because: string): void {
    const [from, next] = [LEVELS[this.#level]!, LEVELS[to]!];
    this.#level = to;
    this.#changes.inc({ from, to: next });
    console.log(`degradation: ${from} -> ${next}: ${because}`);
    if (next !== 'emergency') return;
    this.#alerts.inc();
    console.error(`alert: the platform is in an emergency: ${because}`);
  }
}

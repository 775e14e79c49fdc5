import type { FastifyInstance } from 'fastify';
import type { Health } from '../parts.ts';
import { LEVELS, levelFor, type Signals } from './levels.ts';

const WINDOW = 10_000;
const FEWEST = 5;
const TOO_MANY = 0.25;
const SLOW = 5000;

export interface DeepHealthOptions {
  readonly read: () => Signals;
  /** Whether tasks are answered without the AI. */
  readonly fallback: boolean;
  readonly now?: () => number;
}

/**
 * 503 when users feel it: beyond read-only, when the AI fails with nothing to replace it, or when a quarter of their
 * requests of the last 10 s met a server error or took longer than 5 s.
 */
export class DeepHealth implements Health {
  readonly #options: DeepHealthOptions;
  readonly #now: () => number;
  #requests: { at: number; bad: boolean }[] = [];

  constructor(options: DeepHealthOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  async report() {
    const signals = this.#options.read();
    const { level } = levelFor(signals);
    const felt = this.#failing();
    const tolerable = this.#options.fallback ? LEVELS.indexOf('read-only') : 0;
    const ill = level > tolerable || felt >= TOO_MANY;
    const said = level > 0 ? LEVELS[level] : ill ? 'failing' : 'ok';
    return { status: ill ? 503 : 200, body: { status: said, ...signals, failingRequests: felt } };
  }

  /** Takes note of how users' requests end. */
  readonly watch = (app: FastifyInstance): void => {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? '';
      if (route.startsWith('/workspaces') || route.startsWith('/tasks'))
        this.note(reply.statusCode >= 500 || reply.elapsedTime > SLOW);
    });
  };

  note(bad: boolean): void {
    this.#requests.push({ at: this.#now(), bad });
    this.#forget();
  }

  #failing(): number {
    this.#forget();
    if (this.#requests.length < FEWEST) return 0;
    return this.#requests.filter(({ bad }) => bad).length / this.#requests.length;
  }

  #forget(): void {
    const since = this.#now() - WINDOW;
    const first = this.#requests.findIndex(({ at }) => at >= since);
    if (first !== 0) this.#requests = first < 0 ? [] : this.#requests.slice(first);
  }
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Health } from '../parts.ts';
import { LEVELS, type Level, levelFor, type Signals } from './levels.ts';

const WINDOW = 10_000;
const FEWEST = 5;
const TOO_MANY = 0.25;
const SLOW = 5000;

export interface DeepHealthOptions {
  readonly read: () => Signals;
  /** What is served at this moment, where there are levels; else tasks fail with the AI. */
  readonly served?: () => Level;
  readonly now?: () => number;
}

/**
 * 503 when users feel it: beyond read-only, when the AI fails with nothing to replace it, or when a quarter of their
 * requests of the last 10 s met a server error, took longer than 5 s or were given up.
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
    const served = this.#options.served?.();
    const level = Math.max(levelFor(signals).level, served ? LEVELS.indexOf(served) : 0);
    const felt = this.#failing();
    const tolerable = served ? LEVELS.indexOf('read-only') : 0;
    const ill = level > tolerable || felt >= TOO_MANY;
    const said = level > 0 ? LEVELS[level] : ill ? 'failing' : 'ok';
    return { status: ill ? 503 : 200, body: { status: said, ...signals, failingRequests: felt } };
  }

  /** Takes note of how users' requests end. */
  readonly watch = (app: FastifyInstance): void => {
    app.addHook('onResponse', async (request, reply) => {
      if (isUsers(request)) this.note(reply.statusCode >= 500 || reply.elapsedTime > SLOW);
    });
    app.addHook('onRequestAbort', async (request) => {
      if (isUsers(request)) this.note(true);
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

function isUsers(request: FastifyRequest): boolean {
  return /^\/(workspaces|tasks)\b/.test(request.routeOptions.url ?? '');
}

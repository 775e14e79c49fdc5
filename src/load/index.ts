import { Worker } from 'node:worker_threads';
import { FaultlineError } from '../core/errors.ts';
import type { LoadSummary } from '../core/journal.ts';
import type { LoadRequest, LoadSpec } from '../core/plan.ts';
import { reasonOf } from '../core/reason.ts';
import { expandVariables } from '../core/secrets.ts';
import type { Order, Told } from './worker.ts';

export interface LoadRun {
  /** Sends nothing from now on, until `resume`. */
  pause(): void;
  resume(): void;
  /** What was seen so far, after it has begun to send. */
  seen(): Promise<LoadSummary>;
  /**
   * Begins nothing new, and says what it saw; traffic waits at most `drainMs` (default: not at all) for the answers that are
   * still due. Calling it again gives the same.
   */
  stop(drainMs?: number): Promise<LoadSummary>;
}

export interface LoadContext {
  readonly environment: NodeJS.ProcessEnv;
  /** Names that `${NAME}` in the target and in headers may stand for. */
  readonly allowed: readonly string[];
}

/** Longer than any worker needs to answer; one that does not is ended without its figures. */
const PATIENCE_MS = 5000;
/** A busy machine takes its time to load the code of a thread. */
const START_MS = 60_000;

/**
 * Sends load until it is stopped, whatever the target does. A load with `traffic` plays its stages and then goes on as the
 * last one ends. One without sends requests at `rate` a second over all connections; a connection waits for its answer before
 * it sends again: a target that stalls gets fewer requests, `connections` at once at most.
 *
 * It runs in a thread of its own: on the controller's event loop it would delay the probes' answers, and so show up in their
 * latencies. A thread, not a process, since it must not outlive a controller that is killed.
 * @throws FaultlineError BAD_VALUE for a variable that is not listed or not set
 */
export function startLoad(
  spec: LoadSpec,
  context: LoadContext = { environment: process.env, allowed: [] },
): LoadRun {
  const thread = new Thread(startWorker(expanded(spec, context)));
  let stopped: Promise<LoadSummary> | undefined;
  return {
    pause: () => thread.order({ do: 'pause' }),
    resume: () => thread.order({ do: 'resume' }),
    seen: () => thread.ask((id) => ({ do: 'tell', id }), START_MS, START_MS),
    stop(drainMs = 0) {
      stopped ??= thread
        .ask((id) => ({ do: 'stop', id, drainMs }), PATIENCE_MS + drainMs)
        .finally(() => thread.end());
      return stopped;
    },
  };
}

/** @throws as `startLoad`, and starts nothing */
export function checkLoad(spec: LoadSpec, context: LoadContext): void {
  expanded(spec, context);
}

class Thread {
  readonly #worker: Worker;
  readonly #started: Promise<void>;
  readonly #failed: Promise<never>;
  readonly #waiting = new Map<number, (summary: LoadSummary) => void>();
  #asked = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#failed = new Promise((_, reject) => {
      worker.once('error', (error) => reject(wentWrong(reasonOf(error))));
      worker.once('exit', () => reject(wentWrong('the load ended by itself')));
    });
    this.#failed.catch(() => {});
    this.#started = new Promise((resolve) => {
      worker.on('message', (told: Told) => {
        if (told === 'started') return resolve();
        this.#waiting.get(told.id)?.(told.summary);
        this.#waiting.delete(told.id);
      });
    });
  }

  order(order: Order): void {
    this.#worker.postMessage(order);
  }

  /** @param patienceMs for the answer @param startMs for it to begin to send, before that */
  async ask(order: (id: number) => Order, patienceMs: number, startMs = PATIENCE_MS): Promise<LoadSummary> {
    await within(Promise.race([this.#started, this.#failed]), startMs);
    const id = this.#asked++;
    const answer = new Promise<LoadSummary>((resolve) => this.#waiting.set(id, resolve));
    this.order(order(id));
    return within(Promise.race([answer, this.#failed]), patienceMs);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function wentWrong(reason: string): FaultlineError {
  return new FaultlineError('INTERNAL', { reason });
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(wentWrong('the load did not say what it saw')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function startWorker(spec: LoadSpec): Worker {
  const options = { workerData: spec, execArgv: [], name: 'load' };
  if (import.meta.url.endsWith('.js')) return new Worker(new URL('./worker.js', import.meta.url), options);
  // A thread does not inherit the loader for TypeScript source: it has to register its own first.
  const [loader, source] = [import.meta.resolve('tsx/esm/api'), new URL('./worker.ts', import.meta.url).href];
  const begin = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(begin, { ...options, eval: true });
}

function expanded(spec: LoadSpec, context: LoadContext): LoadSpec {
  const expand = (text: string, where: string): string => {
    const result = expandVariables(text, context.environment, context.allowed);
    if ('text' in result) return result.text;
    const expected =
      result.why === 'not-set'
        ? `variable ${result.refused} is not set`
        : `variable ${result.refused} is not listed under "env" in safety-limits.yaml`;
    throw new FaultlineError('BAD_VALUE', { value: text, where, expected });
  };
  const withHeaders = <T extends Pick<LoadRequest, 'headers'>>(request: T): T => ({
    ...request,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, text]) => [name, expand(text, `load header "${name}"`)]),
    ),
  });
  return {
    ...spec,
    target: expand(spec.target, 'load.target'),
    requests: spec.requests.map(withHeaders),
    ...(spec.traffic
      ? {
          traffic: {
            ...spec.traffic,
            scenarios: spec.traffic.scenarios.map((scenario) => ({
              ...scenario,
              requests: scenario.requests.map(withHeaders),
            })),
          },
        }
      : {}),
  };
}
